import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** So many requests may wait on a connection before reading from it stops. */
const FEW = 8;
/** Requests that one read can bring and that are kept; a connection that sends more at once is cut. */
const MOST = 1024;
/** The same for all connections together: beyond it, a connection keeps only {@link FEW}. */
const MOST_IN_ALL = 8 * 1024;

interface Waiting {
  readonly response: ServerResponse;
  readonly start: () => void;
}

/** The requests of one connection. */
interface Line {
  busy: boolean;
  readonly waiting: Waiting[];
  /** The reply under way was taken by the client, or will never be. */
  readonly next: () => void;
}

/**
 * Works on one request of a connection at a time: the next one starts when the client has taken the reply before it. Node
 * itself starts every request of a packet at once, so that a packet of 64 KiB cost a thousand encoded manifests, kept for
 * a client that reads none of them.
 */
export class Pipelining {
  readonly #lines = new WeakMap<Socket, Line>();
  #waiting = 0;

  /** Calls `start` when it is the turn of this request; never when its connection closes before. */
  enter(request: IncomingMessage, response: ServerResponse, start: () => void): void {
    const { socket } = request;
    const line = this.#lines.get(socket) ?? this.#open(socket);
    if (!line.busy) {
      begin(line, response, start);
      return;
    }
    // After it was cut, Node still parses what it had read.
    if (socket.destroyed) return void setImmediate(drop, response);
    line.waiting.push({ response, start });
    this.#waiting += 1;
    const most = this.#waiting > MOST_IN_ALL ? FEW : MOST;
    if (line.waiting.length > most) socket.destroy();
    else if (line.waiting.length > FEW) socket.pause();
  }

  #open(socket: Socket): Line {
    const line: Line = {
      busy: false,
      waiting: [],
      next: () => {
        if (line.waiting.length === 0) line.busy = false;
        // Other connections come first: a thousand small replies would hold the event loop.
        else setImmediate(() => this.#start(socket, line));
      },
    };
    this.#lines.set(socket, line);
    // Node reads on whenever somebody wants a body or the socket has drained.
    socket.on('resume', () => {
      if (line.waiting.length > FEW) socket.pause();
    });
    socket.once('close', () => {
      const dropped = line.waiting.splice(0);
      this.#waiting -= dropped.length;
      for (const { response } of dropped) drop(response);
    });
    return line;
  }

  #start(socket: Socket, line: Line): void {
    const next = line.waiting.shift();
    if (!next) return;
    this.#waiting -= 1;
    if (line.waiting.length === FEW) socket.resume();
    begin(line, next.response, next.start);
  }
}

function begin(line: Line, response: ServerResponse, start: () => void): void {
  line.busy = true;
  response.once('close', line.next);
  start();
}

/** Node closes only the response under way; whoever counts responses waits for the others, too. */
function drop(response: ServerResponse): void {
  response.emit('close');
}

/** Stands in front of the server's own handler: until its turn, a request costs no more than its parsed head. */
export function addPipelining(server: FastifyInstance): void {
  const pipelining = new Pipelining();
  const http = server.server;
  const [handle] = http.listeners('request') as [RequestListener];
  http.off('request', handle);
  http.on('request', (request, response) => {
    pipelining.enter(request, response, () => handle(request, response));
  });
}
