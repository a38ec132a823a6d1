import { connect, type Socket } from 'node:net';

export interface RawStreamOptions {
  readonly port: number;
  /** Path and query. */
  readonly path?: string;
  readonly lastEventId?: string;
}

/** A stream on a bare socket: for thousands of them, for readers that do not read, and for how the bytes end. */
export class RawStream {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #waiters = new Set<() => void>();
  #chunks: Buffer[] = [];
  #ended = false;

  constructor(options: RawStreamOptions) {
    const { port, path = '/manifest/stream', lastEventId } = options;
    this.socket = connect(port, '127.0.0.1');
    const id = lastEventId === undefined ? '' : `Last-Event-ID: ${lastEventId}\r\n`;
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${id}\r\n`);
    this.socket.on('data', (bytes) => {
      this.#chunks.push(bytes);
      for (const look of this.#waiters) look();
    });
    this.socket.on('end', () => (this.#ended = true));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        for (const look of this.#waiters) look();
        resolve();
      });
    });
  }

  /** All that came, with the head and the chunk framing. */
  get text(): string {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]?.toString() ?? '';
  }

  /** The last chunk came, and then the end of the connection, not a reset. */
  get wellFormed(): boolean {
    return this.#ended && this.text.startsWith('HTTP/1.1 200 ') && this.text.endsWith('\r\n0\r\n\r\n');
  }

  /** Milliseconds of the last `retry:` line. */
  get retry(): number {
    return Number(
      this.text
        .match(/^retry: (\d+)$/gm)
        ?.at(-1)
        ?.slice('retry: '.length) ?? NaN,
    );
  }

  /** Resolves when `words` came; rejects when the connection is closed without them, or after the ceiling. */
  async until(words: string, ceilingMs = 30_000): Promise<void> {
    if (this.text.includes(words)) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        this.#waiters.delete(look);
        clearTimeout(late);
        if (error) reject(error);
        else resolve();
      };
      const look = () => {
        if (this.text.includes(words)) settle();
        else if (this.socket.destroyed) settle(new Error(`closed before ${JSON.stringify(words)}`));
      };
      const late = setTimeout(
        () => settle(new Error(`no ${JSON.stringify(words)} within ${ceilingMs} ms`)),
        ceilingMs,
      );
      this.#waiters.add(look);
    });
  }

  destroy(): void {
    this.socket.destroy();
  }
}
