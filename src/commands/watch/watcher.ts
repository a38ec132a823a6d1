import { SystemClock } from '../../adapters/system-clock.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { SseEvent } from '../../conformance/sse-parser.ts';
import { ConformanceClient, type Failure } from '../../conformance/conformance-client.ts';
import { CommandError } from '../command.ts';
import { pause } from '../http-client.ts';
import { printable } from '../printable.ts';
import { changesOf, snapshotReason, wholeSnapshot, type Change } from './changes.ts';
import { failureText, lastingProblem } from './failure-text.ts';
import { Rates } from './rates.ts';

export interface WatcherOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** `x1,y1,x2,y2`. */
  readonly view?: string;
  readonly compositors?: readonly string[];
  /** 1 to 16: an overview. 0: tiles. */
  readonly zoom?: number;
  /** Maximum number of changes; `Infinity`: no maximum. */
  readonly count: number;
  /** Called for every change but a bye, which `onConnectionChange` reports. */
  readonly onChange: (change: Change) => void;
  /** Called when the state of the connection changes, until the end: `connected`, `bye ...`, `lost: ...`, `problem=...`. */
  readonly onConnectionChange: (state: string) => void;
}

export type WatchState = ReturnType<Watcher['state']>;

const MAX_RECENT = 200;
const MAX_COUNTED = 1000;
const MAX_SHOWN = 20;
const MAX_PROBLEMS = 20;
/** Milliseconds before the second attempt, and at most before any other. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 10_000;

/** Follows the stream, with a copy of the manifest and counts of its changes. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #client: ConformanceClient;
  readonly #rates = new Rates();
  /** Number of changes by compositor. */
  readonly #changes = new Map<string, number>();
  readonly #recent: string[] = [];
  readonly #clock = new SystemClock();
  #connection = 'connecting';
  /** In monotonic milliseconds: when the next connection is opened; undefined while one is open. */
  #nextAt: number | undefined;
  /** Connections that failed since the last one that did not. */
  #failures = 0;
  /** An answer that is no stream. */
  #foreign: Failure | undefined;
  /** What was said already about how the stream breaks the protocol. */
  readonly #problems = new Set<string>();
  /** Ends the wait for the end of the present connection. */
  #onEnd: () => void = () => undefined;
  #stop: AbortController | undefined;
  #left: number;
  #cursor: Cursor | undefined;
  /** Tiles, or areas, in the event that is being handled. */
  #cells = 0;
  #time: string | undefined;
  /** Why the snapshot was sent whose parts still arrive. */
  #snapshot: string | undefined;

  constructor(options: WatcherOptions) {
    const { url, token, view, compositors, zoom } = options;
    this.#options = options;
    this.#left = options.count;
    this.#client = new ConformanceClient({
      url,
      headers: {
        'accept-encoding': 'gzip',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(view !== undefined && { view }),
      ...(compositors && { compositors }),
      ...(zoom !== undefined && { zoom }),
      reconnect: false,
      beforeEvent: (event) => this.#recordChanges(event),
      onEvent: (event) => this.#count(event),
      onConnectionChange: () => this.#updateConnection(),
    });
  }

  /**
   * Follows the stream until `stop`, which it aborts itself after `count` changes. Throws a {@link CommandError} when no later connection
   * can succeed: a token is missing, or what answers is no daemon.
   */
  async run(stop: AbortController): Promise<void> {
    const { signal } = stop;
    this.#stop = stop;
    signal.addEventListener('abort', () => this.#onEnd());
    // A call: the compiler would take the first answer for the value after the awaits.
    const isOver = () => signal.aborted;
    while (!isOver()) {
      const ended = new Promise<void>((resolve) => (this.#onEnd = resolve));
      this.#client.connect();
      await ended;
      await this.#client.disconnect();
      if (isOver()) return;
      const { copy } = this.#client;
      const failure = this.#foreign ?? this.#client.failure;
      this.#foreign = undefined;
      const problem = lastingProblem(failure, this.#options.url, copy.cursor !== undefined);
      if (problem !== undefined) throw new CommandError(problem);
      await this.#wait(failure, signal);
    }
  }

  /** Until the next connection is due. */
  async #wait(failure: Failure | undefined, signal: AbortSignal): Promise<void> {
    const { bye, retry = FIRST_WAIT } = this.#client.copy;
    const saidBye = bye !== undefined && failure?.kind === 'ended';
    const backoff = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    const retryAfter =
      failure?.kind === 'refused' ? Number(failure.headers['retry-after'] ?? 0) * 1000 || 0 : 0;
    const ms = saidBye ? retry : Math.max(backoff, retryAfter);
    this.#failures += 1;
    this.#nextAt = this.#clock.monotonic() + ms;
    // After a bye, its reason is the better explanation.
    if (!saidBye)
      this.#setConnection(`lost: ${failureText(failure)}; next attempt in ${Math.ceil(ms / 1000)} s`);
    await pause(ms, signal);
    this.#nextAt = undefined;
  }

  /** What the live screen shows; its texts are safe for a terminal. */
  state() {
    const { copy, query, counts } = this.#client;
    const statusOf = (id: string) => (copy.compositors.get(id) as { status?: string } | undefined)?.status;
    const busiest = [...this.#changes].sort((a, b) => b[1] - a[1]).slice(0, MAX_SHOWN);
    return {
      url: printable(this.#options.url),
      view: query === '' ? 'the whole map' : printable(decodeURIComponent(query.slice(1))),
      connection: this.#connectionText(),
      cursor: copy.cursor ?? '',
      degraded: copy.degraded,
      cells: copy.view.zoom === undefined ? copy.tiles.size : copy.areas.size,
      /** What the cells are: tiles, or in an overview areas. */
      unit: copy.view.zoom === undefined ? 'tiles' : 'areas',
      compositors: copy.compositors.size,
      rates: this.#rates.at(this.#clock.monotonic()),
      reconnects: Math.max(0, counts.connections - 1),
      /** The compositors with the most changes first: id, status, number of changes. */
      busiest: busiest.map(
        ([id, changes]) => [printable(id), printable(statusOf(id) ?? 'gone'), changes] as const,
      ),
      /** Newest first. */
      recent: this.#recent as readonly string[],
    };
  }

  #recordChanges(event: SseEvent): void {
    this.#snapshot = snapshotReason(event) ?? this.#snapshot;
    // The parts of a snapshot come as patches, too, but change nothing.
    const inSnapshot = this.#snapshot !== undefined && event.event !== 'bye';
    const changes = inSnapshot ? [] : changesOf(event, this.#client.copy);
    this.#time = changes[0]?.time;
    this.#cells = changes.filter(({ kind }) => kind === 'tile' || kind === 'area').length;
    for (const change of changes) this.#report(change);
    if (event.event === 'bye') this.#setConnection(changes[0]!.text);
  }

  #report(change: Change): void {
    if (change.compositor !== '')
      this.#changes.set(change.compositor, (this.#changes.get(change.compositor) ?? 0) + 1);
    this.#recent.unshift(`${change.time?.slice(11, 23) ?? ''} ${change.text}`.trimStart());
    this.#recent.length = Math.min(this.#recent.length, MAX_RECENT);
    if (this.#left <= 0 || change.kind === 'bye') return;
    this.#options.onChange(change);
    if (--this.#left === 0) this.#stop?.abort();
  }

  #count(event: SseEvent): void {
    this.#reportProblems();
    const { cursor, exact } = this.#client.copy;
    if (this.#snapshot !== undefined && exact) {
      this.#report(wholeSnapshot(this.#snapshot, event, this.#client.copy));
      this.#snapshot = undefined;
    }
    // Without this the counts would grow with every compositor that ever was.
    if (this.#changes.size > MAX_COUNTED)
      for (const id of this.#changes.keys())
        if (!this.#client.copy.compositors.has(id)) this.#changes.delete(id);
    if (cursor === undefined || event.event !== 'patch') {
      this.#cursor = cursor;
      return;
    }
    const commits =
      event.id === undefined || !this.#cursor ? 0 : revisionOf(cursor) - revisionOf(this.#cursor);
    const delay = this.#clock.now() - Date.parse(this.#time ?? '');
    this.#rates.add({
      at: this.#clock.monotonic(),
      commits: Math.max(0, commits),
      cells: this.#cells,
      delay: Number.isFinite(delay) ? delay : undefined,
    });
    this.#cursor = cursor;
  }

  #updateConnection(): void {
    const { stream } = this.#client;
    if (!stream) return this.#onEnd();
    const { status, headers } = stream;
    if (!headers['content-type']?.startsWith('text/event-stream')) {
      this.#foreign = { kind: 'refused', status, headers, body: '' };
      return this.#onEnd();
    }
    this.#failures = 0;
    this.#setConnection('connected');
    this.#reportProblems();
  }

  /** What is wrong with the stream itself, once each. */
  #reportProblems(): void {
    for (const violation of this.#client.copy.violations.splice(0)) {
      if (this.#problems.size >= MAX_PROBLEMS || this.#problems.has(violation)) continue;
      this.#problems.add(violation);
      const text = `problem=${printable(JSON.stringify(violation))}`;
      this.#recent.unshift(text);
      this.#options.onConnectionChange(text);
    }
  }

  /** On a screen the seconds until the next attempt count down. */
  #connectionText(): string {
    if (this.#nextAt === undefined) return this.#connection;
    const seconds = Math.max(0, Math.ceil((this.#nextAt - this.#clock.monotonic()) / 1000));
    return `${this.#connection.replace(/; next attempt in .*$/, '')}; next attempt in ${seconds} s`;
  }

  #setConnection(state: string): void {
    if (state === this.#connection) return;
    this.#connection = state;
    if (!this.#stop?.signal.aborted) this.#options.onConnectionChange(state);
  }
}

/** A number of changes; `Infinity` without a text, undefined when it is invalid. */
export function parseCount(text: string | undefined): number | undefined {
  const count = Number(text ?? Infinity);
  return text === undefined || (Number.isSafeInteger(count) && count > 0) ? count : undefined;
}
