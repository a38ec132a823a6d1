import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type ErrorKind } from '../domain/errors.ts';
import { encodeJson } from './encode-json.ts';
import { invalidFields } from './field-errors.ts';
import { problemOf, PROBLEM_TYPE } from './problem.ts';
import { PROBLEM_KINDS } from './problems.ts';

/** Answers everything that is thrown with a problem (RFC 9457). `base`: see {@link problemOf}. */
export function addErrors(server: FastifyInstance, base: string): void {
  server.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply, base));
}

export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  base: string,
): FastifyReply {
  const known = knownError(error);
  // Logged here and nowhere else; a client's mistake is in the request log already.
  if (!known) request.log.error({ err: error }, 'request failed');
  const told =
    known ?? new DomainError('internal', `something went wrong inside; please report request ${request.id}`);
  if (told.retryAfter !== undefined) reply.header('retry-after', String(told.retryAfter));
  // Of a success that did not happen.
  reply.removeHeader('etag').removeHeader('location').removeHeader('manifest-cursor');
  return (
    reply
      .code(PROBLEM_KINDS[told.kind].status)
      .header('cache-control', 'no-store')
      .type(PROBLEM_TYPE)
      // Said here again: a URL that no route has is not reached by the server's own.
      .serializer(encodeJson)
      .send(problemOf(told, base))
  );
}

/** Fastify's own codes, in our words. */
const FRAMEWORK: Readonly<Record<string, [ErrorKind, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too-large', 'the body is larger than 1 MiB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'send application/json (with curl: --json in place of --data)',
  ],
};

function knownError(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  const { code, statusCode } = error as Partial<FastifyError>;
  const known = FRAMEWORK[code ?? ''];
  if (known) return new DomainError(known[0], known[1]);
  if (code === 'FST_ERR_BAD_URL')
    return invalidFields([{ in: 'path', field: 'path', detail: 'is not a well-formed URL path' }]);
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH')
    return invalidFields([{ in: 'header', field: 'Content-Length', detail: 'does not match the body' }]);
  if (statusCode === 404) return new DomainError('not-found', 'there is nothing at this URL');
  return undefined;
}
