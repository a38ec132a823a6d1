import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { answerClientError, type ClientErrorOptions } from './client-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route itself ends a body that stalls, until it has replied; a body that keeps coming may take any time. */
    watchesBody?: boolean;
  }
}

/**
 * Ends requests whose body has not arrived within `ms`, even if they were answered: a client that sends a byte now and then
 * would hold its connection for ever. Node's own limit applies to all routes, and would cut off forwarded bodies as well.
 */
export function addBodyTimeout(server: FastifyInstance, options: ClientErrorOptions & { ms: number }): void {
  const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();
  const start = (request: IncomingMessage) => {
    if (request.complete || !hasBody(request)) return;
    const expire = () => answerClientError(new BodyTimeout(), request.socket, options);
    const timer = setTimeout(expire, options.ms).unref();
    const end = () => clearTimeout(timer);
    request.once('end', end).once('close', end);
    timers.set(request, timer);
  };
  // Added before every hook that can reject the request.
  server.addHook('onRequest', (request, _reply, done) => {
    start(request.raw);
    done();
  });
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.routeOptions.config.watchesBody) clearTimeout(timers.get(request.raw));
    done();
  });
  server.addHook('onResponse', (request, _reply, done) => {
    if (request.routeOptions.config.watchesBody) start(request.raw);
    done();
  });
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The same error as that of Node's own request timeout. */
class BodyTimeout extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT';
}
