import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { answerClientError } from './client-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Until it has answered it gives up a body that comes to a halt; one that goes on may take as long as it likes. */
    watchesBody?: boolean;
  }
}

/**
 * Ends requests whose body is not there within `ms`, answered or not: a client that sends a byte now and then would hold its
 * connection for ever. Node's own limit knows no routes, and cuts what is forwarded too.
 */
export function addBodyTimeout(server: FastifyInstance, options: { ms: number; base: string }): void {
  const limits = new WeakMap<IncomingMessage, NodeJS.Timeout>();
  const begin = (request: IncomingMessage) => {
    if (request.complete || !hasBody(request)) return;
    const late = () => answerClientError(new BodyTimeout(), request.socket, options.base);
    const limit = setTimeout(late, options.ms).unref();
    const end = () => clearTimeout(limit);
    request.once('end', end).once('close', end);
    limits.set(request, limit);
  };
  // Before anything can refuse it.
  server.addHook('onRequest', (request, _reply, done) => {
    begin(request.raw);
    done();
  });
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.routeOptions.config.watchesBody) clearTimeout(limits.get(request.raw));
    done();
  });
  server.addHook('onResponse', (request, _reply, done) => {
    if (request.routeOptions.config.watchesBody) begin(request.raw);
    done();
  });
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** As Node's own. */
class BodyTimeout extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT';
}
