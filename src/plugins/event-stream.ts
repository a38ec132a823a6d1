import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from '../services/feed/event.ts';
import type { Sink, StreamHandle } from '../services/feed/sink.ts';

type OutgoingHeaders = Record<string, string | number | string[] | undefined>;

/** What every stream says in its head; why each line is there stands beside it. */
const HEAD = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // no-transform: proxies that compress hold events back.
  'Cache-Control': 'no-store, no-transform',
  // nginx buffers otherwise.
  'X-Accel-Buffering': 'no',
  // Caddy 2.6 compresses, and holds events back, without it.
  'Content-Encoding': 'identity',
  // A connection that carried a stream is not used again: at shutdown, a second request on it would be in
  // the way of the first one's last bytes. One connection in half an hour is nothing to save.
  Connection: 'close',
};

/**
 * A reader's frames on their way out. Node writes the head and the end; frames go to the raw socket, ready with their
 * own chunk framing, which spares a copy and a system call for each reader and frame.
 */
export class SocketSink implements Sink {
  readonly #res: ServerResponse;
  readonly #socket: Socket;
  readonly #chunked: boolean;
  #ended = false;

  /** `res` has sent its head on `socket`. */
  constructor(res: ServerResponse, socket: Socket) {
    this.#res = res;
    this.#socket = socket;
    this.#chunked = res.chunkedEncoding;
  }

  get draining(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(frame: Frame): void {
    if (this.#ended || this.#socket.destroyed) return;
    this.#socket.write(this.#chunked ? frame.chunked : frame.bare);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    // Writes the last chunk behind the frames and, since the head said `Connection: close`, ends the socket after it.
    this.#res.end();
  }

  destroy(): void {
    this.#ended = true;
    this.#socket.destroy();
  }
}

export interface StreamOptions {
  /** What other plugins want in the head: CORS, most of all. */
  headers: OutgoingHeaders;
  /** Called with the sink once it can be written to; it may be at once. */
  open: (sink: Sink) => StreamHandle;
  /** Called once, when the connection is gone or everything was sent. */
  closed: () => void;
}

/** Turns a response that was not begun into a stream. */
export function startStream(res: ServerResponse, options: StreamOptions): void {
  let handle: StreamHandle | undefined;
  const begin = (socket: Socket) => {
    handle = flow(res, socket, options);
  };
  // `close` of the response, not of the request: that one comes as soon as the request was read.
  res.once('close', () => {
    handle?.closed();
    options.closed();
  });
  // Pipelined behind another request: the socket is not ours before that one is answered.
  if (res.socket) begin(res.socket);
  else res.once('socket', begin);
}

/** The head of a stream alone, for HEAD. */
export function sendStreamHead(res: ServerResponse, headers: OutgoingHeaders): void {
  writeHead(res, headers);
  res.end();
}

function flow(res: ServerResponse, socket: Socket, options: StreamOptions): StreamHandle {
  socket.setNoDelay(true);
  // An idle stream is no idle connection.
  socket.setTimeout(0);
  writeHead(res, options.headers);
  res.flushHeaders();
  const handle = options.open(new SocketSink(res, socket));
  const drained = () => handle.drained();
  // A reader that vanishes is no error of ours; without a listener it would be one.
  const failed = () => undefined;
  socket.on('drain', drained);
  socket.on('error', failed);
  res.once('close', () => {
    socket.off('drain', drained);
    socket.off('error', failed);
  });
  return handle;
}

function writeHead(res: ServerResponse, headers: OutgoingHeaders): void {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value);
  res.writeHead(200, HEAD);
}
