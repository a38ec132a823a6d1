import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { wrongReply } from './contract.ts';
import { decoded } from './decoded.ts';

/** Watches every reply of `server`; what is not as the committed contract says is added to `violations`. */
export function watchReplies(server: FastifyInstance, base: string, violations: string[]): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    const wrong = wrongWith(request, reply, payload, base);
    if (wrong !== undefined)
      violations.push(`${request.method} ${request.url} ${reply.statusCode}: ${wrong}`);
    done();
  });
}

function wrongWith(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  base: string,
): string | undefined {
  const { url, schema } = request.routeOptions;
  if (request.method === 'OPTIONS' && reply.statusCode === 204) return undefined;
  // Not of the contract: Swagger UI's files, and routes of a test.
  if (url !== undefined && (schema as { hide?: boolean } | undefined)?.hide) return undefined;
  // What comes in pieces is checked by the tests that read it.
  if (payload instanceof Readable) return undefined;
  return wrongReply({
    method: request.method,
    path: url && (url.slice(base.length) || '/').replace(/:([a-z]+)/g, '{$1}').replace(/\*$/, '{path}'),
    status: reply.statusCode,
    header: (name) => reply.getHeader(name),
    body: textOf(payload, reply),
  });
}

function textOf(payload: unknown, reply: FastifyReply): string | undefined {
  if (payload === undefined || payload === null || payload === '') return undefined;
  return decoded(reply.getHeader('content-encoding'), Buffer.from(payload as Buffer)).toString();
}
