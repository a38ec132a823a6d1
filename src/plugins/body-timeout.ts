import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
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
  const watch = new BodyWatch(options.ms, (socket) => answerClientError(new BodyTimeout(), socket, options));
  // Added before every hook that can reject the request.
  server.addHook('onRequest', (request, _reply, done) => {
    watch.start(request.raw);
    done();
  });
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.routeConfig.watchesBody) watch.pause(request.raw);
    done();
  });
  server.addHook('onResponse', (request, _reply, done) => {
    if (request.routeConfig.watchesBody) watch.start(request.raw);
    done();
  });
}

/** One timer for each connection that has a body to come: the next request begins where the body ends. */
class BodyWatch {
  readonly #ms: number;
  readonly #late: (socket: Socket) => void;
  readonly #timers = new WeakMap<Socket, NodeJS.Timeout>();
  /** A request that was destroyed, with a body that goes on, no longer knows its socket. */
  readonly #sockets = new WeakMap<IncomingMessage, Socket>();

  constructor(ms: number, late: (socket: Socket) => void) {
    this.#ms = ms;
    this.#late = late;
  }

  start(request: IncomingMessage): void {
    this.pause(request);
    if (request.complete || !hasBody(request)) return;
    const socket = this.#socketOf(request);
    if (!socket || socket.destroyed) return;
    const timer = setTimeout(() => {
      if (!request.complete) this.#late(socket);
    }, this.#ms);
    this.#timers.set(socket, timer.unref());
  }

  pause(request: IncomingMessage): void {
    const socket = this.#socketOf(request);
    if (socket) clearTimeout(this.#timers.get(socket));
  }

  #socketOf(request: IncomingMessage): Socket | undefined {
    const known = this.#sockets.get(request);
    if (known || !hasBody(request)) return known;
    const { socket } = request as { socket: Socket | null };
    if (!socket) return undefined;
    this.#sockets.set(request, socket);
    request.once('end', () => clearTimeout(this.#timers.get(socket)));
    if (!this.#timers.has(socket)) socket.once('close', () => clearTimeout(this.#timers.get(socket)));
    return socket;
  }
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The same error as that of Node's own request timeout. */
class BodyTimeout extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT';
}
