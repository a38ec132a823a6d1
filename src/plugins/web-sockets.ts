import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { DomainError } from '../domain/errors.ts';
import type { MessageSink, TileSocketHandle } from '../services/tile-socket/message-sink.ts';
import { mayRead } from './cors.ts';
import { invalidFields } from './field-errors.ts';
import { answerWithoutUpgrade } from './without-upgrade.ts';

/** Bytes of a message; clients have little to say. */
const MESSAGE_LIMIT = 16 * 1024;
/** Milliseconds that a client has to answer the end of its socket. */
const FAREWELL = 1000;

interface Upgrade {
  readonly socket: Socket;
  readonly head: Buffer;
}

/**
 * WebSockets, as requests like all others: an upgrade goes through every hook (hosts, tokens, the log) and through its
 * route's schema before that route accepts it, and is refused with the same problems. An upgrade that no route of ours
 * wants stays with the HTTP server.
 */
export class WebSockets {
  readonly #server: FastifyInstance;
  readonly #origins: readonly string[] | undefined;
  readonly #upgrades = new WeakMap<IncomingMessage, Upgrade>();
  /** All that were taken from the HTTP server, which has forgotten them: nobody else would end them. */
  readonly #sockets = new Set<Socket>();
  #closing = false;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    // Compression would cost each socket hundreds of kilobytes.
    perMessageDeflate: false,
    maxPayload: MESSAGE_LIMIT,
  });

  /** `origins`: of pages that may read; undefined for all. */
  constructor(server: FastifyInstance, options: { origins: readonly string[] | undefined }) {
    this.#server = server;
    this.#origins = options.origins;
  }

  /** Takes the upgrades that come to `listener`; `urlOf` says which of our WebSockets a URL asks for, undefined: none. */
  serve(listener: Server, urlOf: (url: string) => string | undefined): void {
    listener.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // Node writes no two answers at once; and whoever comes now would be open when all are to be closed.
      if (isAnswering(socket) || this.#closing) return void socket.destroy();
      const url = isForWebSocket(request) ? urlOf(request.url ?? '/') : undefined;
      if (url === undefined) return answerWithoutUpgrade(listener, request, socket, head);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      // A client that vanishes is no error of ours; without a listener it would be one.
      socket.on('error', () => undefined);
      request.url = url;
      this.#upgrades.set(request, { socket, head });
      this.#server.routing(request, responseOn(socket, request));
    });
  }

  /** Accepts the upgrade that `request` asks for; throws when it asks for none, or its page may not read. */
  accept(
    request: FastifyRequest,
    reply: FastifyReply,
    on: { open: (sink: MessageSink) => TileSocketHandle; closed: () => void },
  ): void {
    const upgrade = this.#upgrades.get(request.raw);
    if (!upgrade)
      throw invalidFields([{ in: 'header', field: 'Upgrade', detail: 'must be websocket: this is one' }]);
    const { origin, host } = request.headers;
    if (origin !== undefined && !mayRead(this.#origins, origin, host))
      throw new DomainError(
        'forbidden',
        'pages of this origin may not read here; see the setting cors.origins',
      );
    reply.hijack();
    reply.raw.detachSocket(upgrade.socket);
    this.#webSockets.handleUpgrade(request.raw, upgrade.socket, upgrade.head, (webSocket) => {
      flow(webSocket, upgrade.socket, on);
    });
  }

  /** Resolves when every socket has ended; those that do not within a second are cut. */
  async close(): Promise<void> {
    this.#closing = true;
    const sockets = [...this.#sockets];
    const ends = sockets.map(
      (socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())),
    );
    const late = setTimeout(() => sockets.forEach((socket) => socket.destroy()), FAREWELL);
    await Promise.all(ends);
    clearTimeout(late);
  }
}

function isForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** A request that came before on this connection has no whole answer yet. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse | null };
  return current !== undefined && current !== null;
}

/** How an upgrade is refused: an answer as to any request, and the end of the connection. */
function responseOn(socket: Socket, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  return response;
}

function flow(
  webSocket: WebSocket,
  socket: Socket,
  on: { open: (sink: MessageSink) => TileSocketHandle; closed: () => void },
): void {
  const handle = on.open({
    send: (text) => {
      if (webSocket.readyState === webSocket.OPEN) webSocket.send(text);
    },
    get draining() {
      return socket.writableNeedDrain || webSocket.readyState !== webSocket.OPEN;
    },
    ping: () => {
      if (webSocket.readyState === webSocket.OPEN) webSocket.ping();
    },
    close: (code, reason) => webSocket.close(code, reason),
    destroy: () => webSocket.terminate(),
  });
  const drained = () => handle.drained();
  socket.on('drain', drained);
  webSocket.on('pong', () => handle.heard());
  webSocket.on('message', (data, isBinary) => handle.heard(isBinary ? undefined : parsed(data)));
  // What breaks the protocol is answered by ws itself, and ends in `close`.
  webSocket.on('error', () => undefined);
  webSocket.once('close', () => {
    socket.off('drain', drained);
    handle.closed();
    on.closed();
  });
}

/** What a client says, if it is JSON. */
function parsed(data: RawData): unknown {
  try {
    // Text comes in one Buffer: that is how ws is set by default.
    return JSON.parse((data as Buffer).toString('utf8'));
  } catch {
    return undefined;
  }
}
