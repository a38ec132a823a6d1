import { SseParser, type SseEvent } from './sse-parser.ts';
import { queryOf, type View } from './view.ts';
import { WireCopy, type EventDetails } from './wire-copy.ts';

/** Why a connection failed; the client tries again. */
export interface Problem {
  /** No answer; a status other than 200; the connection was lost; no event came in time; invalid data. */
  readonly kind: 'unreachable' | 'refused' | 'cut' | 'silent' | 'broken';
  readonly detail: string;
  /** The HTTP status, when refused. */
  readonly status?: number | undefined;
}

export interface LinkSettings {
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds without an event after which a connection counts as dead. */
  readonly watchdog: number;
  /** The longest pause between two connection attempts, in milliseconds. */
  readonly maxRetry: number;
}

export interface LinkListener {
  /** A connection has begun, and its view can be changed. */
  opened(): void;
  /** The copy has applied an event. */
  received(details: EventDetails): void;
  /** The connection ended and will be opened again. Without a problem the server said `bye`. */
  disconnected(problem: Problem | undefined, failures: number): void;
}

/** The window, which fires `online`; in Node it has no listeners. */
const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

/** Reconnect delay until the server names its own, in milliseconds; see openapi/event-stream.md. */
const RETRY = 2000;

/** How long a daemon may take to answer a change of the view, in milliseconds. */
const RE_AIM = 5000;

/** One stream of one view, reopened until it is closed, and the copy that it maintains. */
export class StreamLink {
  /** What the stream shows. */
  view: View;
  /** The id of the stream that is open; undefined when there is none, or when its view cannot be changed. */
  stream: string | undefined;
  copy = new WireCopy();
  readonly #settings: LinkSettings;
  readonly #listener: LinkListener;
  #retry = RETRY;
  #closed = false;
  /** Ends the current connection, or the pause before the next. */
  #interrupt: () => void = () => undefined;

  constructor(view: View, settings: LinkSettings, listener: LinkListener) {
    this.view = view;
    this.#settings = settings;
    this.#listener = listener;
  }

  open(): void {
    void this.#run();
  }

  close(): void {
    this.#closed = true;
    this.#interrupt();
  }

  /** Asks for another view of the open stream, which then says so itself. False when it will not, or perhaps not. */
  async reAim({ rect, compositors, zoom }: View): Promise<boolean> {
    const { url, fetch } = this.#settings;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), RE_AIM);
    try {
      const view = rect ? [rect.x1, rect.y1, rect.x2, rect.y2].join() : null;
      const response = await fetch(`${url}manifest/streams/${this.stream}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json', ...this.#authorization },
        body: JSON.stringify({ view, compositors: compositors ?? null, zoom: zoom ?? 0 }),
        signal: abort.signal,
        redirect: 'error',
      });
      await response.text();
      return response.status === 202;
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closed) {
      const { problem, healthy } = await this.#connect();
      this.stream = undefined;
      // A method, because the compiler assumes that `#closed` cannot change during the await.
      if (this.#isClosed()) return;
      failures = healthy ? 0 : failures + 1;
      this.#listener.disconnected(problem, failures);
      await this.#wait(failures);
    }
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  /** Runs one connection until it ends. Never throws. */
  async #connect(): Promise<{ problem: Problem | undefined; healthy: boolean }> {
    const abort = new AbortController();
    let reader:
      { read(): Promise<{ value?: Uint8Array; done: boolean }>; cancel(): Promise<void> } | undefined;
    // Both: Node 20 drops the signal of a fetch once its response was garbage collected.
    const cut = (reason?: 'silent') => {
      abort.abort(reason);
      reader?.cancel().catch(() => undefined);
    };
    this.#interrupt = cut;
    let kind: Problem['kind'] = 'unreachable';
    let status: number | undefined;
    let healthy = false;
    const timeOut = () => cut('silent');
    let watchdog = setTimeout(timeOut, this.#settings.watchdog);
    const parser = new SseParser();
    try {
      const { fetch } = this.#settings;
      const init = {
        headers: this.#headers(),
        signal: abort.signal,
        cache: 'no-store',
        redirect: 'error',
      } as const;
      const response = await fetch(this.#url(), init);
      kind = 'refused';
      if (response.status !== 200 || !response.body) {
        status = response.status;
        throw new Error(`${status} ${response.statusText}: ${(await response.text()).slice(0, 1000)}`);
      }
      kind = 'cut';
      // Node's types do not say what the reader returns.
      reader = response.body.getReader() as NonNullable<typeof reader>;
      for (;;) {
        const { value, done } = await reader.read();
        if (done || !value) throw new Error('the stream ended without `bye`');
        const events = parser.push(value);
        this.#retry = parser.retry ?? this.#retry;
        if (events.length > 0 || parser.midEvent) {
          clearTimeout(watchdog);
          watchdog = setTimeout(timeOut, this.#settings.watchdog);
        }
        for (const event of events) {
          if (event.event === 'bye') return { problem: undefined, healthy: true };
          // It says nothing of the map.
          if (event.event === 'opened') {
            this.#open(event);
            continue;
          }
          this.#take(event);
          if (this.#closed) return { problem: undefined, healthy };
          healthy = true;
        }
      }
    } catch (error) {
      if (error instanceof BrokenStream) {
        // The data may stay wrong for long: start from nothing, with growing pauses.
        this.copy = new WireCopy();
        return { problem: { kind: 'broken', detail: error.message }, healthy: false };
      }
      if (abort.signal.reason === 'silent')
        return { problem: { kind: 'silent', detail: 'no event came in time' }, healthy };
      return { problem: { kind, detail: String(error), status }, healthy };
    } finally {
      clearTimeout(watchdog);
      cut();
    }
  }

  #open({ data = '' }: SseEvent): void {
    try {
      this.stream = (JSON.parse(data) as { stream?: string }).stream;
    } catch {
      // Then its view cannot be changed.
    }
    this.#listener.opened();
  }

  #take(event: SseEvent): void {
    let details: EventDetails;
    try {
      details = this.copy.apply(event);
      this.view = details.view ?? this.view;
    } catch (error) {
      throw new BrokenStream(`the data of ${event.event}: ${String(error)}`);
    }
    const expected = details.heartbeat?.digest ?? null;
    if (expected !== null && expected !== this.copy.digest)
      throw new BrokenStream(`the digest is ${expected}, that of the copy ${this.copy.digest}`);
    this.#listener.received(details);
  }

  #url(): string {
    const query = queryOf(this.view);
    return `${this.#settings.url}manifest/stream${query && '?'}${query}`;
  }

  #headers(): Record<string, string> {
    return {
      Accept: 'text/event-stream',
      ...(this.copy.id !== undefined && { 'Last-Event-ID': this.copy.id }),
      ...this.#authorization,
    };
  }

  get #authorization(): Record<string, string> {
    const { token } = this.#settings;
    return token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  /** Waits as long as the server said after a good connection, else with full jitter; ends early when the network returns. */
  #wait(failures: number): Promise<void> {
    const { maxRetry } = this.#settings;
    const window = Math.min(maxRetry, this.#retry * 2 ** failures);
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        page.removeEventListener?.('online', end);
        resolve();
      };
      const timer = setTimeout(end, failures === 0 ? window : Math.random() * window);
      page.addEventListener?.('online', end);
      this.#interrupt = end;
    });
  }
}

/** The stream holds invalid data, or the copy differs from the server's. */
class BrokenStream extends Error {}
