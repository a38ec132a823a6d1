import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { createGunzip } from 'node:zlib';
import { SseParser } from '../../src/conformance/sse-parser.ts';
import { CheckedCopy } from '../../src/conformance/checked-copy.ts';
import { parseCursor, revisionOf } from '../../src/domain/cursor.ts';

interface Owner {
  teardown(run: () => unknown): void;
}

export interface H2Options {
  readonly url: string;
  /** The certificate to trust, PEM. */
  readonly ca: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Several readers, or requests, over one HTTP/2 connection, as the tabs of a browser. It is closed when `t` ends. */
export class H2Client {
  readonly #session: ClientHttp2Session;

  constructor(t: Owner, options: H2Options) {
    this.#session = connect(options.url, { ca: options.ca });
    // Each request hears of it too.
    this.#session.on('error', () => undefined);
    t.teardown(() => this.#session.destroy());
  }

  get alpn(): string | undefined {
    return this.#session.alpnProtocol;
  }

  /** Opens a stream; resolves when its head has come. */
  async follow(headers: Readonly<Record<string, string>> = {}): Promise<H2Reader> {
    const request = this.#session.request({
      ':path': '/manifest/stream',
      accept: 'text/event-stream',
      ...headers,
    });
    const reader = new H2Reader();
    return new Promise((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (head) => {
        reader.headers = head;
        const body = head['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
        body.on('data', (chunk: Buffer) => reader.take(chunk));
        // The end of the session cuts compressed data off.
        body.on('error', () => undefined);
        resolve(reader);
      });
    });
  }
}

/** One stream of an {@link H2Client}, and its own copy. */
export class H2Reader {
  readonly copy = new CheckedCopy();
  headers: IncomingHttpHeaders = {};
  readonly #parser = new SseParser();
  readonly #waiters = new Set<() => void>();

  constructor() {
    this.copy.open();
  }

  take(chunk: Buffer): void {
    for (const item of this.#parser.push(chunk)) if (item.type === 'event') this.copy.take(item);
    for (const look of this.#waiters) look();
  }

  async untilCursor(cursor: string, ceilingMs = 10_000): Promise<void> {
    const wanted = revisionOf(parseCursor(cursor)!);
    const { copy } = this;
    const reached = () => copy.exact && copy.cursor !== undefined && revisionOf(copy.cursor) >= wanted;
    if (reached()) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiters.delete(look);
        reject(new Error(`not exact at ${cursor} within ${ceilingMs} ms`));
      }, ceilingMs);
      const look = () => {
        if (!reached()) return;
        this.#waiters.delete(look);
        clearTimeout(late);
        resolve();
      };
      this.#waiters.add(look);
    });
  }
}
