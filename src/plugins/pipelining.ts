import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { closeGently } from './lingering-close.ts';

/** So many requests may wait on a connection before reading from it stops. */
const FEW = 8;
/** Requests that one read can bring and that are kept; a connection that sends more at once is cut. */
const MOST = 1024;
/** The same for all connections together: beyond it, a connection keeps only {@link FEW}. */
const MOST_IN_ALL = 8 * 1024;

/** Milliseconds that the replies of a connection have to be taken, once nothing more can be read from it. */
const LINGER = 2000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly start: () => void;
}

/** The requests of one connection. */
interface Line {
  /** The one that is worked on; between two of them the one before. */
  current: Exchange | undefined;
  readonly waiting: Exchange[];
  /** The reply under way was taken by the client, or will never be. */
  readonly next: () => void;
  /** The last reply was sent: what comes now is dropped. */
  ended: boolean;
  /** Comes after all replies. */
  last: (() => void) | undefined;
  /** A head that arrived in part before reading stopped is late when it does not arrive soon after. */
  readonly head: { late?: () => void; timer?: NodeJS.Timeout };
}

/**
 * Works on one request of a connection at a time: the next one starts when the client has taken the reply before it. Node
 * itself starts every request of a packet at once, so that a packet of 64 KiB cost a thousand encoded manifests, kept for
 * a client that reads none of them.
 */
export class Pipelining {
  readonly #headersTimeout: number;
  readonly #lines = new WeakMap<Socket, Line>();
  #waiting = 0;

  /** `headersTimeout`: milliseconds within which a head must arrive. */
  constructor(options: { headersTimeout: number }) {
    this.#headersTimeout = options.headersTimeout;
  }

  /** Calls `start` when it is the turn of this request; never when its connection closes before. */
  enter(request: IncomingMessage, response: ServerResponse, start: () => void): void {
    const { socket } = request;
    const line = this.#lines.get(socket) ?? this.#open(socket);
    const exchange = { request, response, start };
    forgetHead(line);
    if (line.ended) return void setImmediate(drop, response);
    if (!line.current) {
      begin(line, exchange);
      return;
    }
    // After it was cut, Node still parses what it had read.
    if (socket.destroyed) return void setImmediate(drop, response);
    line.waiting.push(exchange);
    this.#waiting += 1;
    const most = this.#waiting > MOST_IN_ALL ? FEW : MOST;
    if (line.waiting.length > most) socket.destroy();
    else if (line.waiting.length > FEW) socket.pause();
  }

  /**
   * Calls `answer` when every request that came whole on this connection is answered: written at once, it would stand before their
   * replies, or inside one. A last request that did not come whole is what `answer` answers. Only the first `answer` of a connection
   * is called, and none when the replies are not taken soon: then the connection is cut.
   */
  afterReplies(socket: Socket, answer: () => void): void {
    const line = this.#lines.get(socket) ?? this.#open(socket);
    if (line.last) return;
    line.last = answer;
    if (!line.current?.request.complete) return end(line);
    const timer = setTimeout(() => socket.destroy(), LINGER).unref();
    socket.once('close', () => clearTimeout(timer));
  }

  /**
   * A head did not arrive in time: {@link afterReplies}. While nothing is read from the connection, because its requests wait, that is
   * not the client's fault: its time begins again when reading does.
   */
  headIsLate(socket: Socket, answer: () => void): void {
    const line = this.#lines.get(socket);
    if (line && line.waiting.length > FEW) line.head.late = answer;
    else this.afterReplies(socket, answer);
  }

  #open(socket: Socket): Line {
    const line: Line = {
      current: undefined,
      waiting: [],
      next: () => {
        // Other connections come first: a thousand small replies would hold the event loop.
        if (line.waiting.length > 0) return void setImmediate(() => this.#start(socket, line));
        line.current = undefined;
        end(line);
      },
      ended: false,
      last: undefined,
      head: {},
    };
    this.#lines.set(socket, line);
    // Node reads on whenever somebody wants a body or the socket has drained.
    socket.on('resume', () => {
      if (line.waiting.length > FEW) socket.pause();
    });
    socket.once('close', () => this.#end(line));
    const close = socket.destroySoon.bind(socket);
    // Node calls it after a reply that ends the connection.
    socket.destroySoon = () => {
      const isSending =
        line.waiting.length > 0 || socket.isPaused() || line.current?.request.complete === false;
      this.#end(line);
      if (isSending && !socket.destroyed) closeGently(socket);
      else close();
    };
    return line;
  }

  #end(line: Line): void {
    line.ended = true;
    forgetHead(line);
    const dropped = line.waiting.splice(0);
    this.#waiting -= dropped.length;
    for (const { response } of dropped) drop(response);
  }

  #start(socket: Socket, line: Line): void {
    const next = line.waiting.shift();
    if (!next) return;
    this.#waiting -= 1;
    if (line.waiting.length === FEW) this.#readOn(socket, line);
    begin(line, next);
  }

  #readOn(socket: Socket, line: Line): void {
    socket.resume();
    const { late } = line.head;
    if (late)
      line.head.timer = setTimeout(() => this.afterReplies(socket, late), this.#headersTimeout).unref();
  }
}

/** The head that was announced has arrived, or never will. */
function forgetHead({ head }: Line): void {
  clearTimeout(head.timer);
  delete head.late;
}

function begin(line: Line, exchange: Exchange): void {
  line.current = exchange;
  // It closes once; `once` would make a function for that.
  exchange.response.on('close', line.next);
  if (line.last && !exchange.request.complete) end(line);
  else exchange.start();
}

function end(line: Line): void {
  const { last } = line;
  if (!last) return;
  line.last = () => undefined;
  last();
}

/** Whoever counts responses waits for each of them. Node closes the one that has the socket, and no other. */
function drop(response: ServerResponse): void {
  if (!response.socket) response.emit('close');
}

/** Stands in front of the server's own handler: until its turn, a request costs no more than its parsed head. */
export function addPipelining(server: FastifyInstance, pipelining: Pipelining): void {
  const http = server.server;
  const [handle] = http.listeners('request') as [RequestListener];
  http.off('request', handle);
  http.on('request', (request, response) => {
    pipelining.enter(request, response, () => handle(request, response));
  });
}
