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
 * route's schema before that route accepts it, and is refused with the same problems.
 */
export class WebSockets {
  readonly #server: FastifyInstance;
  readonly #origins: readonly string[] | undefined;
  readonly #upgrades = new WeakMap<IncomingMessage, Upgrade>();
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

  /** Takes the upgrades that come to `listener`; `urlOf` says what each asks for. */
  serve(listener: Server, urlOf: (url: string) => string = (url) => url): void {
    listener.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (request.headers.upgrade?.toLowerCase() !== 'websocket')
        return answerWithoutUpgrade(listener, request, socket, head);
      // A client that vanishes is no error of ours; without a listener it would be one.
      socket.on('error', () => undefined);
      request.url = urlOf(request.url ?? '/');
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
    const clients = [...this.#webSockets.clients];
    const ends = clients.map(
      (client) => new Promise<void>((resolve) => void client.once('close', () => resolve())),
    );
    const late = setTimeout(() => clients.forEach((client) => client.terminate()), FAREWELL);
    await Promise.all(ends);
    clearTimeout(late);
  }
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
