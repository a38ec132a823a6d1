import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from '../services/feed/event.ts';
import { GZIP_HEAD, GzipEnd, type Framed } from '../services/feed/gzip.ts';
import type { Sink, StreamHandle } from '../services/feed/sink.ts';

type OutgoingHeaders = Record<string, string | number | string[] | undefined>;

/** Headers of every stream. */
const HEAD = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Without no-transform, proxies that compress hold events back.
  'Cache-Control': 'no-store, no-transform',
  // Without it nginx buffers.
  'X-Accel-Buffering': 'no',
  // A connection that carried a stream is not used again: at shutdown, a second request on it would delay the
  // stream's last bytes.
  Connection: 'close',
};
/** In lower case, those that no plugin sets. */
const OWN = new Set([...Object.keys(HEAD).map((name) => name.toLowerCase()), 'content-encoding']);

/** Without a listener, a client that vanishes would be an uncaught error. */
const ignore = () => undefined;

/**
 * Writes a reader's frames to its connection. Node writes the head and the end; frames go to the raw socket with their
 * own chunk framing, which saves a copy and a system call per reader and frame.
 */
export class SocketSink implements Sink {
  readonly #res: ServerResponse;
  readonly #socket: Socket;
  readonly #chunked: boolean;
  #gzipEnd: GzipEnd | undefined;
  #ended = false;
  #reason: string | undefined;

  /** The head of `res` was sent on `socket`. */
  constructor(res: ServerResponse, socket: Socket, { gzip }: { gzip: boolean }) {
    this.#res = res;
    this.#socket = socket;
    this.#chunked = res.chunkedEncoding;
    if (!gzip) return;
    this.#gzipEnd = new GzipEnd();
    this.#send(GZIP_HEAD);
  }

  get gzip(): boolean {
    return this.#gzipEnd !== undefined;
  }

  get draining(): boolean {
    return this.#socket.writableNeedDrain;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  write(frame: Frame): number {
    if (this.#ended || this.#socket.destroyed) return 0;
    if (!this.#gzipEnd) return this.#send(frame);
    this.#gzipEnd.add(frame.gzip);
    return this.#send(frame.gzip);
  }

  /** Why the stream ended; undefined when its client ended it. */
  get reason(): string | undefined {
    return this.#reason;
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason = reason;
    if (this.#gzipEnd && !this.#socket.destroyed) this.#send(this.#gzipEnd.encode());
    // Writes the last chunk behind the frames and, since the head said `Connection: close`, ends the socket after it.
    this.#res.end();
  }

  destroy(reason: string): void {
    this.#ended = true;
    this.#reason ??= reason;
    this.#socket.destroy();
  }

  #send({ chunked, bare }: Framed): number {
    this.#socket.write(this.#chunked ? chunked : bare);
    return bare.length;
  }
}

export interface StreamOptions {
  /** Headers of other plugins, above all CORS. */
  headers: OutgoingHeaders;
  /** The client takes the stream compressed. */
  gzip: boolean;
  /** Called with the sink as soon as it can be written to; that may be at once. */
  open: (sink: Sink) => StreamHandle;
  /** Called once, when the connection is closed or everything was sent, with what ended the stream. */
  closed: (reason: string) => void;
}

/** Turns a response that has not begun into a stream. */
export function startStream(res: ServerResponse, options: StreamOptions): void {
  let stream: ReturnType<typeof connect> | undefined;
  const begin = (socket: Socket) => {
    stream = connect(res, socket, options);
  };
  // The request's `close` would come as soon as the request was read. It closes once; `once` would make two more objects for that.
  res.on('close', () => {
    if (stream) {
      res.socket?.off('drain', stream.drained);
      stream.handle.closed();
    }
    options.closed(stream?.sink.reason ?? 'client');
  });
  // A pipelined request gets its socket only when the request before it was answered.
  if (res.socket) begin(res.socket);
  else res.once('socket', begin);
}

/** The head of a stream alone, for HEAD. */
export function sendStreamHead(res: ServerResponse, options: Pick<StreamOptions, 'headers' | 'gzip'>): void {
  writeHead(res, options);
  res.end();
}

function connect(res: ServerResponse, socket: Socket, options: StreamOptions) {
  socket.setNoDelay(true);
  // A stream may be quiet for longer than an idle connection may live.
  socket.setTimeout(0);
  // One packet for the head and what follows it at once.
  socket.cork();
  process.nextTick(() => socket.uncork());
  writeHead(res, options);
  res.flushHeaders();
  const sink = new SocketSink(res, socket, options);
  const handle = options.open(sink);
  const drained = () => handle.drained();
  socket.on('drain', drained);
  socket.on('error', ignore);
  return { handle, sink, drained };
}

function writeHead(res: ServerResponse, { headers, gzip }: Pick<StreamOptions, 'headers' | 'gzip'>): void {
  // Without any coding, Caddy 2.6 compresses by itself and holds events back.
  const head: OutgoingHeaders = { ...HEAD, 'Content-Encoding': gzip ? 'gzip' : 'identity' };
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !OWN.has(name.toLowerCase())) head[name] = value;
  // All at once: what is set one by one, Node keeps as objects for as long as the stream lives, more than 1 KiB.
  res.writeHead(200, head);
}
