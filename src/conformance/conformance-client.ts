import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseCursor, revisionOf, type Cursor } from '../domain/cursor.ts';
import type { ViewChange } from '../domain/view-change.ts';
import { formatRect, overviewOf, parseRect, type View } from '../domain/view.ts';
import { openStream, type Ending, type EventStream } from './event-source.ts';
import type { SseEvent } from './sse-parser.ts';
import { CheckedCopy } from './checked-copy.ts';

export interface ConformanceClientOptions {
  /** The daemon's base URL. */
  readonly url: string;
  /** `x1,y1,x2,y2`; absent: the whole plane. */
  readonly view?: string;
  /** 1 to 16: an overview. 0: tiles. */
  readonly zoom?: number;
  /** Absent: all. */
  readonly compositors?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Names the client in its errors. */
  readonly name?: string;
  /** False: the client does not reconnect. */
  readonly reconnect?: boolean;
  /** Milliseconds before a reconnect at most, whatever the server's `retry:` says. */
  readonly maxRetry?: number;
  /** Milliseconds without any event after which the connection counts as dead. */
  readonly watchdog?: number;
  /** Called with each event before the copy takes it: the copy still holds what the event replaces. */
  readonly beforeEvent?: (event: SseEvent) => void;
  /** Called after each event that the copy has taken. */
  readonly onEvent?: (event: SseEvent) => void;
  /** Called when a connection was opened, lost or refused. */
  readonly onConnectionChange?: () => void;
}

/** Why there is no stream: nobody answered, the answer was none, or the stream ended. */
export type Failure =
  | { readonly kind: 'unreachable'; readonly error: Error }
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
    }
  | { readonly kind: 'ended'; readonly ending: Ending };

/**
 * A client of `/manifest/stream` that reconnects as a browser's EventSource does, keeps its own copy, and checks that the
 * server keeps to the protocol. The system tests and `compositord verify` rest on it.
 */
export class ConformanceClient {
  readonly copy: CheckedCopy;
  /** How connections ended (without an answer, with a status other than 200, ...); events are counted by the copy. */
  readonly #connectionCounts = { unreachable: 0, refused: 0, cut: 0, ended: 0, silent: 0 };
  readonly #options: ConformanceClientOptions;
  readonly #waiters = new Set<() => void>();
  #base: string;
  #stream: EventStream | undefined;
  #run: { readonly stop: AbortController; readonly over: Promise<void> } | undefined;
  #paused = false;
  #failure: Failure | undefined;

  constructor(options: ConformanceClientOptions) {
    this.#options = options;
    this.#base = options.url;
    const view: { -readonly [K in keyof View]: View[K] } = {};
    if (options.view !== undefined) {
      const rect = parseRect(options.view);
      if (!rect) throw new Error(`${options.view} is not a view`);
      view.rect = rect;
    }
    if (options.compositors) view.compositors = new Set(options.compositors);
    this.copy = new CheckedCopy(overviewOf(view, options.zoom ?? 0));
  }

  /** The query of its view, with its `?`; empty for the whole map. `GET /manifest` takes the same. */
  get query(): string {
    const { rect, compositors = [], zoom } = this.copy.view;
    const query = new URLSearchParams();
    if (rect) query.set('view', formatRect(rect));
    for (const id of compositors) query.append('compositor', id);
    if (zoom !== undefined) query.set('zoom', String(zoom));
    return query.size > 0 ? `?${query.toString()}` : '';
  }

  get counts() {
    return { ...this.copy.counts, ...this.#connectionCounts };
  }

  /** The stream that is open. */
  get stream(): EventStream | undefined {
    return this.#stream;
  }

  /** Why the last stream ended, or did not open; undefined while one is open, and before the first. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Opens the stream, here or at another replica, and keeps it open until {@link disconnect}. */
  connect(url: string = this.#base): void {
    if (this.#run) throw new Error(this.#describe('is connected already'));
    this.#base = url;
    const stop = new AbortController();
    this.#run = { stop, over: this.#keepOpen(stop.signal) };
  }

  /** Drops the connection in any state; the copy and its last id stay. */
  async disconnect(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    // The stream first, so that it ends as closed by us and not as cut.
    this.#stream?.destroy();
    run?.stop.abort();
    await run?.over;
  }

  /** Uses `url` from the next connection on, as a proxy does when a replica goes. */
  moveTo(url: string): void {
    this.#base = url;
  }

  /** Stops reading without closing; the watchdog is off meanwhile. */
  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  /** Resolves as soon as `predicate` holds; it is asked again after each event and each change of the connection. */
  async until(
    predicate: (reader: this) => boolean,
    ceilingMs = 30_000,
    what = 'the awaited state',
  ): Promise<void> {
    if (predicate(this)) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiters.delete(check);
        reject(new Error(this.#describe(`did not see ${what} within ${ceilingMs} ms`)));
      }, ceilingMs);
      const check = () => {
        if (!predicate(this)) return;
        this.#waiters.delete(check);
        clearTimeout(late);
        resolve();
      };
      this.#waiters.add(check);
    });
  }

  /** Resolves when the copy is exact at `cursor` or at a later one. */
  async untilCursor(cursor: string, ceilingMs?: number): Promise<void> {
    const wanted = parseCursor(cursor);
    if (!wanted) throw new Error(`${cursor} is not a cursor`);
    await this.until(() => this.isAt(wanted), ceilingMs, cursor);
  }

  /** The copy is exact at the cursor, or at a later one. */
  isAt(cursor: Cursor): boolean {
    const { exact, cursor: own } = this.copy;
    return exact && own !== undefined && revisionOf(own) >= revisionOf(cursor);
  }

  /** Asks for another view of the stream that is open, here or at another replica. Returns the status of the answer. */
  async reAim(change: ViewChange, url: string = this.#base): Promise<number> {
    const { headers } = this.#options;
    const response = await fetch(`${url}/manifest/streams/${this.copy.stream ?? 'none'}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(change),
    });
    await response.arrayBuffer();
    return response.status;
  }

  async #keepOpen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#connectOnce(signal);
      this.#options.onConnectionChange?.();
      this.#checkWaiters();
      if (this.#options.reconnect === false) return;
      const wait = Math.min(this.copy.retry ?? 200, this.#options.maxRetry ?? Infinity);
      await delay(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  async #connectOnce(stop: AbortSignal): Promise<void> {
    const cut = new AbortController();
    const signal = AbortSignal.any([stop, cut.signal]);
    const watchdog = setTimeout(() => {
      if (this.#paused) {
        watchdog.refresh();
        return;
      }
      this.#connectionCounts.silent++;
      this.#failure = { kind: 'silent' };
      this.#stream?.destroy();
      cut.abort();
    }, this.#options.watchdog ?? 30_000);
    try {
      const url = `${this.#base}/manifest/stream${this.query}`;
      const { headers } = this.#options;
      const stream = await openStream({
        url,
        lastEventId: this.copy.lastEventId,
        signal,
        ...(headers && { headers }),
      });
      if (stream.status === 200) await this.#read(stream, watchdog);
      else await this.#recordRefused(stream);
      stream.destroy();
    } catch (error) {
      if (!signal.aborted) {
        this.#connectionCounts.unreachable++;
        this.#failure = { kind: 'unreachable', error: error as Error };
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  async #recordRefused(stream: EventStream): Promise<void> {
    this.#connectionCounts.refused++;
    const { status, headers } = stream;
    this.#failure = { kind: 'refused', status, headers, body: await stream.text() };
  }

  async #read(stream: EventStream, watchdog: NodeJS.Timeout): Promise<void> {
    this.#stream = stream;
    this.#failure = undefined;
    if (this.#paused) stream.pause();
    this.copy.open();
    this.#checkHead(stream);
    this.#options.onConnectionChange?.();
    this.#checkWaiters();
    let first = true;
    for await (const item of stream) {
      if (first && item.type === 'event' && item.event !== 'bye')
        this.copy.violations.push('a stream does not start with a comment');
      first = false;
      if (item.type === 'comment') continue;
      watchdog.refresh();
      this.#options.beforeEvent?.(item);
      this.copy.take(item);
      this.#options.onEvent?.(item);
      this.#checkWaiters();
    }
    this.#stream = undefined;
    this.#failure ??= { kind: 'ended', ending: stream.ending ?? 'closed' };
    if (stream.ending === 'garbled') this.copy.violations.push('the compressed stream cannot be read');
    if (stream.ending === 'cut' || stream.ending === 'garbled') this.#connectionCounts.cut++;
    if (stream.ending !== 'end') return;
    this.#connectionCounts.ended++;
    if (this.copy.bye === undefined) this.copy.violations.push('a stream ended well-formed without a bye');
  }

  #checkHead(stream: EventStream): void {
    const type = stream.headers['content-type'] ?? '';
    if (!/^text\/event-stream(;|$)/.test(type)) this.copy.violations.push(`the content type is ${type}`);
    const cache = stream.headers['cache-control'] ?? '';
    for (const word of ['no-store', 'no-transform'])
      if (!cache.includes(word)) this.copy.violations.push(`the stream's Cache-Control lacks ${word}`);
    const coding = stream.headers['content-encoding'] ?? 'identity';
    if (coding !== 'identity' && !(coding === 'gzip' && this.#takesGzip))
      this.copy.violations.push(`the stream comes in ${coding}, which was not asked for`);
  }

  get #takesGzip(): boolean {
    return Object.entries(this.#options.headers ?? {}).some(
      ([name, value]) => name.toLowerCase() === 'accept-encoding' && value.includes('gzip'),
    );
  }

  #checkWaiters(): void {
    for (const check of this.#waiters) check();
  }

  #describe(what: string): string {
    const state = { lastEventId: this.copy.lastEventId, exact: this.copy.exact, ...this.counts };
    const violations =
      this.copy.violations.length > 0 ? `; violations: ${this.copy.violations.join('; ')}` : '';
    return `${this.#options.name ?? 'reader'} ${what}: ${JSON.stringify(state)}${violations}`;
  }
}
