import { pause } from './pause.ts';
import { SseParser, type SseEvent } from './sse-parser.ts';
import { repair } from './repair.ts';
import { finalUnless, isLasting, problemIn, type ProblemDetails } from './refused.ts';
import { authorization, changeView, readJson, whyUnreachable, type RequestSettings } from './requests.ts';
import { isStill, tokenOf } from './token.ts';
import { queryOf, type View } from './view.ts';
import { WireCopy, type EventDetails, type Heartbeat } from './wire-copy.ts';

/** Why a connection failed; or what was wrong in the copy. When refused, with all that the daemon says of it (RFC 9457). */
export interface Problem extends Partial<Omit<ProblemDetails, 'status'>> {
  /** The token's function failed; no answer; an answer that is no stream; the connection was lost; no event came in time; invalid data. */
  readonly kind: 'token' | 'unreachable' | 'refused' | 'cut' | 'silent' | 'broken';
  readonly detail: string;
  /** The HTTP status, when refused. */
  readonly status?: number | undefined;
  /** The subscription has stopped, and does not try again. */
  readonly final?: true;
  /** The squares of 32 x 32 cells, `"sx,sy"`, that were wrong in the copy and have been read again: the stream goes on. */
  readonly repaired?: readonly string[] | undefined;
}

export interface LinkSettings extends RequestSettings {
  /** Milliseconds without an event after which a connection counts as dead. */
  readonly watchdog: number;
  /** The longest pause between two connection attempts, in milliseconds. */
  readonly maxRetry: number;
}

export interface LinkListener {
  /** A connection has begun, and its view can be changed. */
  opened(): void;
  /** The copy has applied an event; `problem`: and was wrong before it. */
  received(details: EventDetails, problem?: Problem): void;
  /** The connection ended and will be opened again, after `pause` ms. Without a problem the server said `bye`. */
  disconnected(problem: Problem | undefined, failures: number, pause: number): void;
}

/** Reconnect delay until the server names its own, in milliseconds; see openapi/event-stream.md. */
const RETRY = 2000;

/** How long all requests of a repair may take, in milliseconds. */
const REPAIR = 10_000;

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
  /** What the current connection was opened with. */
  #token: string | undefined;
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
  reAim(view: View): Promise<boolean> {
    return changeView(this.#settings, this.stream!, view);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closed) {
      const { problem, healthy } = await this.#connect();
      this.stream = undefined;
      // A method, because the compiler assumes that `#closed` cannot change during the await.
      if (this.#isClosed()) return;
      failures = healthy ? 0 : failures + 1;
      const pause = this.#pauseAfter(failures);
      this.#listener.disconnected(problem, failures, pause);
      if (problem?.final) return;
      await this.#wait(pause);
      // A token that was refused is not sent again.
      while (isLasting(problem) && (await this.#hasSameToken()))
        await this.#wait(this.#pauseAfter((failures += 1)));
    }
  }

  async #hasSameToken(): Promise<boolean> {
    if (this.#closed) return false;
    const stop = new AbortController();
    this.#interrupt = () => stop.abort();
    const { token = null, watchdog } = this.#settings;
    return (await isStill(this.#token, token, stop, watchdog)) && !this.#isClosed();
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
    let kind: Problem['kind'] = 'token';
    let healthy = false;
    const timeOut = () => cut('silent');
    let watchdog = setTimeout(timeOut, this.#settings.watchdog);
    let repaired = false;
    const parser = new SseParser();
    try {
      const { fetch, token } = this.#settings;
      this.#token = await tokenOf(token, abort.signal);
      kind = 'unreachable';
      const init = {
        headers: this.#headers(),
        signal: abort.signal,
        cache: 'no-store',
        redirect: 'error',
      } as const;
      const response = await fetch(this.#url(), init);
      kind = 'cut';
      const refused = await refusedBy(response);
      if (refused) return { problem: { kind: 'refused', ...finalUnless(token, refused) }, healthy };
      // Node's types do not say what the reader returns.
      reader = response.body!.getReader() as NonNullable<typeof reader>;
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
          const details = this.#apply(event);
          const fault = this.#faultOf(details);
          let problem: Problem | undefined;
          if (fault !== undefined) {
            // Where one repair does not last, more will not.
            if (repaired) throw new BrokenStream(fault);
            repaired = true;
            clearTimeout(watchdog);
            problem = await this.#repair(details.heartbeat!, fault, abort.signal);
            watchdog = setTimeout(timeOut, this.#settings.watchdog);
          }
          if (!this.#isClosed()) this.#listener.received(details, problem);
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
      const why = kind === 'unreachable' && !abort.signal.aborted && whyUnreachable(this.#settings, error);
      return { problem: { kind, detail: (await why) || String(error) }, healthy };
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

  #apply(event: SseEvent): EventDetails {
    try {
      const details = this.copy.apply(event);
      this.view = details.view ?? this.view;
      return details;
    } catch (error) {
      throw new BrokenStream(`the data of ${event.event}: ${String(error)}`);
    }
  }

  /** What is wrong with the copy, by the digest of a heartbeat. */
  #faultOf({ heartbeat }: EventDetails): string | undefined {
    const digest = heartbeat?.digest ?? null;
    if (digest === null || digest === this.copy.digest) return undefined;
    return `the digest is ${digest}, that of the copy ${this.copy.digest}`;
  }

  /** Reads again what is wrong in the copy. Throws a BrokenStream when that is of no avail. */
  async #repair(heartbeat: Heartbeat, fault: string, signal: AbortSignal): Promise<Problem> {
    const stop = new AbortController();
    const end = () => stop.abort();
    const timer = setTimeout(end, REPAIR);
    signal.addEventListener('abort', end, { once: true });
    try {
      const read = (path: string) => readJson(this.#settings, path, stop.signal);
      const repaired = this.copy.exact && (await repair(this.copy, this.view, heartbeat.digest!, read));
      if (repaired) return { kind: 'broken', detail: fault, repaired };
    } catch {
      // Then a snapshot makes it right.
    } finally {
      clearTimeout(timer);
      end();
    }
    throw new BrokenStream(fault);
  }

  #url(): string {
    const query = queryOf(this.view);
    return `${this.#settings.url}manifest/stream${query && '?'}${query}`;
  }

  #headers(): Record<string, string> {
    return {
      Accept: 'text/event-stream',
      ...(this.copy.id !== undefined && { 'Last-Event-ID': this.copy.id }),
      ...authorization(this.#token),
    };
  }

  /** As long as the server said after a good connection, else with full jitter. */
  #pauseAfter(failures: number): number {
    const window = Math.min(this.#settings.maxRetry, this.#retry * 2 ** failures);
    return failures === 0 ? window : Math.random() * window;
  }

  /** Ends early when the network returns. */
  #wait(ms: number): Promise<void> {
    const { over, end } = pause(ms);
    this.#interrupt = end;
    return over;
  }
}

/** Why the answer is no stream; undefined when it is one. */
async function refusedBy(response: Response): Promise<ProblemDetails | undefined> {
  const { status, statusText, headers, body, url } = response;
  const type = headers.get('content-type') ?? '';
  if (status !== 200 || !body) return problemIn(status, statusText, await response.text());
  if (!type || type.startsWith('text/event-stream')) return undefined;
  // Such as the page of a development server that answers every path with it.
  const detail = `${url} answers with ${type}, not with a stream: is that a compositord?`;
  return { ...problemIn(status, statusText, ''), detail };
}

/** The stream holds invalid data, or the copy differs from the server's. */
class BrokenStream extends Error {}
