import { queryOf, type View } from './view.ts';
import { SseParser, type Frame } from './sse-parser.ts';
import { WireCopy, type Word } from './wire-copy.ts';

/** Why there is no connection; the client goes on trying. */
export interface Problem {
  /** Nobody answered; answered with another status than 200; lost; nothing came any more; sent what cannot be right. */
  readonly kind: 'unreachable' | 'refused' | 'cut' | 'silent' | 'broken';
  readonly detail: string;
  /** Of `refused`. */
  readonly status?: number | undefined;
}

export interface LinkSettings {
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds without an event after which a connection counts as dead. */
  readonly watchdog: number;
  /** Milliseconds between two attempts at most. */
  readonly maxRetry: number;
}

export interface LinkListener {
  /** The copy has taken a frame. */
  taken(word: Word): void;
  /** The connection is gone and will be opened again; without a problem the server said `bye`. */
  lost(problem: Problem | undefined, failures: number): void;
}

/** Tells of the network, where there is a page. */
const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

/** Until the server has said its own, milliseconds; event-stream.md names them. */
const RETRY = 2000;

/** One stream of one view, opened again until it is closed, and the copy that it keeps. */
export class StreamLink {
  readonly view: View;
  copy = new WireCopy();
  readonly #settings: LinkSettings;
  readonly #listener: LinkListener;
  #retry = RETRY;
  #closed = false;
  /** Ends what goes on now: a connection, or the wait for the next. */
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

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closed) {
      const { problem, well } = await this.#connect();
      // Read again: it may have been closed meanwhile.
      if (this.#over()) return;
      failures = well ? 0 : failures + 1;
      this.#listener.lost(problem, failures);
      await this.#wait(failures);
    }
  }

  #over(): boolean {
    return this.#closed;
  }

  /** One connection from its beginning to its end. Never throws. */
  async #connect(): Promise<{ problem: Problem | undefined; well: boolean }> {
    const abort = new AbortController();
    let reader:
      { read(): Promise<{ value?: Uint8Array; done: boolean }>; cancel(): Promise<void> } | undefined;
    // Both: Node 20 forgets the signal of a fetch whose reply has come, when its garbage is collected.
    const cut = () => {
      abort.abort();
      reader?.cancel().catch(() => undefined);
    };
    this.#interrupt = cut;
    let kind: Problem['kind'] = 'unreachable';
    const watch = { silent: false };
    let status: number | undefined;
    let well = false;
    const bark = () => {
      watch.silent = true;
      cut();
    };
    let watchdog = setTimeout(bark, this.#settings.watchdog);
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
      // Node's types do not say what it brings.
      reader = response.body.getReader() as NonNullable<typeof reader>;
      for (;;) {
        const { value, done } = await reader.read();
        if (done || !value) throw new Error('it ended without a goodbye');
        const frames = parser.push(value);
        this.#retry = parser.retry ?? this.#retry;
        if (frames.length > 0 || parser.busy) {
          clearTimeout(watchdog);
          watchdog = setTimeout(bark, this.#settings.watchdog);
        }
        for (const frame of frames) {
          if (frame.event === 'bye') return { problem: undefined, well: true };
          this.#take(frame);
          if (this.#closed) return { problem: undefined, well };
          well = true;
        }
      }
    } catch (error) {
      if (error instanceof BrokenStream) {
        // What is wrong at one end may be wrong for long: from nothing, and ever more slowly.
        this.copy = new WireCopy();
        return { problem: { kind: 'broken', detail: error.message }, well: false };
      }
      if (watch.silent) return { problem: { kind: 'silent', detail: 'nothing came for too long' }, well };
      return { problem: { kind, detail: String(error), status }, well };
    } finally {
      clearTimeout(watchdog);
      cut();
    }
  }

  #take(frame: Frame): void {
    let word: Word;
    try {
      word = this.copy.take(frame);
    } catch (error) {
      throw new BrokenStream(`the data of ${frame.event}: ${String(error)}`);
    }
    const theirs = word.sign?.digest ?? null;
    if (theirs !== null && theirs !== this.copy.digest)
      throw new BrokenStream(`the digest is ${theirs}, that of the copy ${this.copy.digest}`);
    this.#listener.taken(word);
  }

  #url(): string {
    const query = queryOf(this.view);
    return `${this.#settings.url}manifest/stream${query && '?'}${query}`;
  }

  #headers(): Record<string, string> {
    const { token } = this.#settings;
    return {
      Accept: 'text/event-stream',
      ...(this.copy.id !== undefined && { 'Last-Event-ID': this.copy.id }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    };
  }

  /** As long as the server said after a connection that was good, else full jitter. Less when the network comes back. */
  #wait(failures: number): Promise<void> {
    const { maxRetry } = this.#settings;
    const window = Math.min(maxRetry, this.#retry * 2 ** failures);
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        page.removeEventListener?.('online', over);
        resolve();
      };
      const timer = setTimeout(over, failures === 0 ? window : Math.random() * window);
      page.addEventListener?.('online', over);
      this.#interrupt = over;
    });
  }
}

/** The stream holds what no correct server sends, or the copy is not what the server thinks. */
class BrokenStream extends Error {}
