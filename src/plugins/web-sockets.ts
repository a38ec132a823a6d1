import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import { DomainError } from '../domain/errors.ts';
import type { MessageSink, TileSocketHandle } from '../services/tile-socket/message-sink.ts';
import { ANSWER_LIMIT } from '../domain/connector.ts';
import { mayRead, mayRelay, mayWrite } from './cors.ts';
import { invalidFields } from './field-errors.ts';
import { chooseProtocol } from './link-protocol.ts';
import { originForm } from './request-target.ts';
import { answerWithoutUpgrade } from './without-upgrade.ts';

/** Longest message of a client, in bytes. */
const MESSAGE_LIMIT = 16 * 1024;
/** Milliseconds that a client has to answer the close of its socket. */
const CLOSE_TIMEOUT = 1000;

interface Upgrade {
  readonly socket: Socket;
  readonly head: Buffer;
}

/** A WebSocket that a client opened, and the connection under it. */
export interface AcceptedSocket {
  readonly webSocket: WebSocket;
  readonly socket: Socket;
}

/** Whether a page of this origin may open such a socket. */
type MayOpen = typeof mayRead;

/**
 * Handles upgrades to WebSocket as ordinary requests: an upgrade goes through every hook (hosts, tokens, the log) and its
 * route's schema before that route accepts it, and is refused with the same problems. A request whose upgrade no route wants
 * is answered as if it had not been offered.
 */
export class WebSockets {
  readonly #server: FastifyInstance;
  readonly #origins: readonly string[] | undefined;
  readonly #upgrades = new WeakMap<IncomingMessage, Upgrade>();
  /** Connections taken from the HTTP server, which no longer knows them: only this class can end them. */
  readonly #sockets = new Set<Socket>();
  #closing = false;
  /** Why the last handshake was refused. */
  #handshakeError = '';
  /** Of the handshake under way. */
  #requestId = '';
  readonly #tileSockets = this.#makeServer({ maxPayload: MESSAGE_LIMIT });
  readonly #links = this.#makeServer({ maxPayload: ANSWER_LIMIT, handleProtocols: chooseProtocol });

  /** `origins`: the pages that may read; undefined for all. */
  constructor(server: FastifyInstance, options: { origins: readonly string[] | undefined }) {
    this.#server = server;
    this.#origins = options.origins;
  }

  /** Handles the upgrades that come to `listener`. `urlOf` maps a URL to that of its WebSocket route; undefined: none. */
  serve(listener: Server, urlOf: (url: string) => string | undefined): void {
    const wanted = (request: IncomingMessage) =>
      !this.#closing && isForWebSocket(request) && urlOf(originForm(request)) !== undefined;
    // Node 24.9 and newer ask before they let go of the connection; older ones take what nobody wants away from it.
    if ('shouldUpgradeCallback' in listener) listener.shouldUpgradeCallback = wanted;
    listener.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // Node cannot write two answers at once; and an upgrade during the close would be left open.
      if (isAnswering(socket) || this.#closing) return void socket.destroy();
      const url = isForWebSocket(request) ? urlOf(originForm(request)) : undefined;
      if (url === undefined) return answerWithoutUpgrade(listener, request, socket, head);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      // Without a listener, a client that vanishes would be an uncaught error.
      socket.on('error', () => undefined);
      request.url = url;
      this.#upgrades.set(request, { socket, head });
      this.#server.routing(request, responseOn(socket, request));
    });
  }

  /** Accepts the upgrade that `request` asks for; throws when it asks for none, or when its page may not read. */
  accept(
    request: FastifyRequest,
    reply: FastifyReply,
    on: { open: (sink: MessageSink) => TileSocketHandle; closed: (reason: string) => void },
  ): void {
    const { webSocket, socket } = this.#accept(request, reply, this.#tileSockets, mayRead);
    connect(webSocket, socket, on);
  }

  /** Accepts the upgrade to the link of a compositor; throws when none is asked for, or when its page may not write. */
  acceptLink(request: FastifyRequest, reply: FastifyReply): AcceptedSocket {
    return this.#accept(request, reply, this.#links, mayWrite);
  }

  /** Whether what the page of this request sends over its socket may be passed on; programs, which name no page, may. */
  mayRelay({ headers: { origin, host } }: FastifyRequest): boolean {
    return origin === undefined || mayRelay(this.#origins, origin, host);
  }

  /** Throws when `request` asks for no upgrade. */
  requireUpgrade(request: FastifyRequest): void {
    if (!this.#upgrades.has(request.raw)) throw noUpgrade();
  }

  #accept(
    request: FastifyRequest,
    reply: FastifyReply,
    webSockets: WebSocketServer,
    mayOpen: MayOpen,
  ): AcceptedSocket {
    const upgrade = this.#upgrades.get(request.raw);
    if (!upgrade) throw noUpgrade();
    const { origin, host } = request.headers;
    if (origin !== undefined && !mayOpen(this.#origins, origin, host))
      throw new DomainError(
        'forbidden',
        `pages of this origin may not ${mayOpen === mayRead ? 'read' : 'write'} here; see the setting cors.origins`,
      );
    let opened: WebSocket | undefined;
    this.#requestId = request.id;
    // Calls back, or emits `wsClientError`, before it returns.
    webSockets.handleUpgrade(request.raw, upgrade.socket, upgrade.head, (made) => (opened = made));
    if (!opened) {
      reply.header('sec-websocket-version', '13, 8');
      throw invalidFields([{ in: 'header', field: 'Upgrade', detail: `failed: ${this.#handshakeError}` }]);
    }
    reply.hijack();
    reply.raw.detachSocket(upgrade.socket);
    return { webSocket: opened, socket: upgrade.socket };
  }

  #makeServer(options: ServerOptions): WebSocketServer {
    // Compression would cost hundreds of kilobytes per socket.
    const server = new WebSocketServer({ ...options, noServer: true, perMessageDeflate: false });
    // Without a listener the library would answer by itself, in HTML.
    server.on('wsClientError', ({ message }) => (this.#handshakeError = message));
    server.on('headers', (headers) => headers.push(`X-Request-Id: ${this.#requestId}`));
    return server;
  }

  /** Resolves when every connection has ended; after a second the rest are cut. */
  async close(): Promise<void> {
    this.#closing = true;
    const sockets = [...this.#sockets];
    const ends = sockets.map(
      (socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())),
    );
    const late = setTimeout(() => sockets.forEach((socket) => socket.destroy()), CLOSE_TIMEOUT);
    await Promise.all(ends);
    clearTimeout(late);
  }
}

function noUpgrade(): DomainError {
  return invalidFields([{ in: 'header', field: 'Upgrade', detail: 'must be websocket: this is one' }]);
}

function isForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Whether an earlier request on this connection is not fully answered yet. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse | null };
  return current !== undefined && current !== null;
}

/** The response with which an upgrade is refused: an ordinary answer, then the end of the connection. */
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

function connect(
  webSocket: WebSocket,
  socket: Socket,
  on: { open: (sink: MessageSink) => TileSocketHandle; closed: (reason: string) => void },
): void {
  let ended: string | undefined;
  const handle = on.open({
    send: (text) => {
      if (webSocket.readyState === webSocket.OPEN) webSocket.send(text);
    },
    cork: () => socket.cork(),
    uncork: () => socket.uncork(),
    get draining() {
      return socket.writableNeedDrain || webSocket.readyState !== webSocket.OPEN;
    },
    ping: () => {
      if (webSocket.readyState === webSocket.OPEN) webSocket.ping();
    },
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: (code, reason) => {
      ended ??= reason;
      webSocket.close(code, reason);
    },
    destroy: (reason) => {
      ended ??= reason;
      webSocket.terminate();
    },
  });
  const drained = () => handle.drained();
  socket.on('drain', drained);
  webSocket.on('pong', () => handle.alive());
  // By default ws delivers a message in one Buffer.
  webSocket.on('message', (data: Buffer, isBinary) =>
    handle.heard(isBinary ? undefined : data.toString(), data.length),
  );
  // ws itself answers a breach of the protocol; `close` follows.
  webSocket.on('error', () => undefined);
  webSocket.once('close', () => {
    socket.off('drain', drained);
    handle.closed();
    on.closed(ended ?? 'client');
  });
}
