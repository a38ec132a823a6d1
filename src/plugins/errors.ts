import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type ErrorKind } from '../domain/errors.ts';
import { harmlessJson } from '../domain/printable.ts';
import { invalidFields } from './field-errors.ts';
import { encodeJson } from './json.ts';
import { problemOf, PROBLEM_KINDS, PROBLEM_TYPE } from './problems.ts';

/** Answers everything that is thrown with a problem (RFC 9457). `base`: see {@link problemOf}. */
export function addErrors(server: FastifyInstance, base: string): void {
  server.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply, base));
  // For libraries that serve files: Fastify's own handler answers in a form of its own.
  server.setNotFoundHandler((request, reply) => sendProblem(nothingHere(), request, reply, base));
}

export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  base: string,
): FastifyReply {
  const known = knownError(error);
  // Only bugs are logged as errors. The request log has the mistakes of clients.
  if (!known) request.log.error({ reqId: request.id, err: error }, 'request failed');
  const problem =
    known ?? new DomainError('internal', `something went wrong inside; please report request ${request.id}`);
  request.problem = problem.kind;
  // Fastify's own refusals, such as of a malformed URL, come before any hook.
  reply.header('x-request-id', request.id);
  // The connection was for a stream that does not come.
  if (request.routeOptions.config.stream) reply.header('connection', 'close');
  const { retryAfter } = problem.extras;
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  // The handler may have set these for a success.
  reply.removeHeader('etag').removeHeader('location').removeHeader('manifest-cursor');
  return (
    reply
      .code(PROBLEM_KINDS[problem.kind].status)
      .header('cache-control', 'no-store')
      .type(PROBLEM_TYPE)
      // Fastify does not apply the server's own serializer to URLs without a route.
      .serializer((value) => harmlessJson(encodeJson(value)))
      .send(problemOf(problem, base))
  );
}

/** Fastify's own errors as kinds of ours. */
const FRAMEWORK_ERRORS: Readonly<Record<string, [ErrorKind, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'send application/json (with curl: --json in place of --data)',
  ],
  // Of a method that its router does not know.
  FST_ERR_NOT_FOUND: ['not-found', 'there is nothing at this URL'],
};

/** Undefined for a bug. */
function knownError(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  const { code, statusCode } = error as Partial<FastifyError>;
  const known = FRAMEWORK_ERRORS[code ?? ''];
  if (known) return new DomainError(known[0], known[1]);
  if (code === 'FST_ERR_BAD_URL')
    return invalidFields([{ in: 'path', field: 'path', detail: 'is not a well-formed URL path' }]);
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH')
    return invalidFields([{ in: 'header', field: 'Content-Length', detail: 'does not match the body' }]);
  // Nobody gets the answer, but the log has its kind.
  if (code === 'ECONNRESET')
    return invalidFields([{ in: 'body', field: '', detail: 'ended before it was complete' }]);
  // The library that serves files says 400 or 403 of names that no file may have, such as `..`.
  if (code?.startsWith('FST_') !== true && [400, 403, 404].includes(statusCode ?? 0)) return nothingHere();
  return undefined;
}

function nothingHere(): DomainError {
  return new DomainError('not-found', 'there is nothing at this URL');
}
