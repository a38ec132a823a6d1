import { once } from 'node:events';
import { SystemClock } from '../../adapters/system-clock.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { SseEvent } from '../../conformance/sse-parser.ts';
import { ConformanceClient } from '../../conformance/conformance-client.ts';
import { printable } from '../printable.ts';
import { changesOf, type Change } from './changes.ts';
import { Rates } from './rates.ts';

export interface WatcherOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** `x1,y1,x2,y2`. */
  readonly view?: string;
  readonly compositors?: readonly string[];
  /** Maximum number of changes; `Infinity`: no maximum. */
  readonly count: number;
  /** Called for every change but a bye, which `onConnectionChange` reports. */
  readonly onChange: (change: Change) => void;
  /** Called when the state of the connection changes, until the end: `connected`, `bye ...`, `lost, ...`. */
  readonly onConnectionChange: (state: string) => void;
}

export type WatchState = ReturnType<Watcher['state']>;

const MAX_RECENT = 200;
const MAX_COUNTED = 1000;
const MAX_SHOWN = 20;

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
  #stop: AbortController | undefined;
  #left: number;
  #cursor: Cursor | undefined;
  /** Of the event that is being handled. */
  #tiles = 0;
  #time: string | undefined;

  constructor(options: WatcherOptions) {
    const { url, token, view, compositors } = options;
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
      beforeEvent: (event) => this.#recordChanges(event),
      onEvent: (event) => this.#count(event),
      onConnectionChange: () => this.#updateConnection(),
    });
  }

  /** Follows the stream until `stop`, which it aborts itself after `count` changes. */
  async run(stop: AbortController): Promise<void> {
    this.#stop = stop;
    this.#client.connect();
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    await this.#client.disconnect();
  }

  /** What the live screen shows; its texts are safe for a terminal. */
  state() {
    const { copy, query, counts } = this.#client;
    const statusOf = (id: string) => (copy.compositors.get(id) as { status?: string } | undefined)?.status;
    const busiest = [...this.#changes].sort((a, b) => b[1] - a[1]).slice(0, MAX_SHOWN);
    return {
      url: printable(this.#options.url),
      view: query === '' ? 'the whole map' : printable(decodeURIComponent(query.slice(1))),
      connection: this.#connection,
      cursor: copy.cursor ?? '',
      degraded: copy.degraded,
      tiles: copy.tiles.size,
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
    const changes = changesOf(event, this.#client.copy);
    this.#time = changes[0]?.time;
    this.#tiles = changes.filter(({ kind }) => kind === 'tile').length;
    for (const change of changes) {
      if (change.compositor !== '')
        this.#changes.set(change.compositor, (this.#changes.get(change.compositor) ?? 0) + 1);
      this.#recent.unshift(`${change.time?.slice(11, 23) ?? ''} ${change.text}`.trimStart());
      if (this.#left <= 0 || change.kind === 'bye') continue;
      this.#options.onChange(change);
      if (--this.#left === 0) this.#stop?.abort();
    }
    this.#recent.length = Math.min(this.#recent.length, MAX_RECENT);
    if (event.event === 'bye') this.#setConnection(changes[0]!.text);
  }

  #count(event: SseEvent): void {
    const { cursor } = this.#client.copy;
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
      tiles: this.#tiles,
      delay: Number.isFinite(delay) ? delay : undefined,
    });
    this.#cursor = cursor;
  }

  #updateConnection(): void {
    if (this.#client.stream) this.#setConnection('connected');
    // After a bye, its reason is the better explanation.
    else if (!this.#connection.startsWith('bye')) this.#setConnection('lost, connecting again');
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
