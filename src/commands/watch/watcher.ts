import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { SseEvent } from '../../conformance/sse-parser.ts';
import { ConformanceClient } from '../../conformance/conformance-client.ts';
import { printable } from '../printable.ts';
import { changesOf, type Change } from './changes.ts';
import { Rates } from './rates.ts';
import type { WatchState } from './watch-screen.ts';

export interface WatcherOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** `x1,y1,x2,y2`. */
  readonly view?: string;
  readonly compositors?: readonly string[];
  readonly onChange: (change: Change) => void;
  /** The connection is another than before: `connected`, `bye ...`, `lost`. */
  readonly onLink: (state: string) => void;
}

const RECENT = 200;
const MANY = 1000;

/** Follows the stream, keeps a copy, and counts. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #reader: ConformanceClient;
  readonly #rates = new Rates();
  readonly #busy = new Map<string, number>();
  readonly #recent: string[] = [];
  #link = 'connecting';
  #cursor: Cursor | undefined;
  /** Of the event under way. */
  #tiles = 0;
  #time: string | undefined;

  constructor(options: WatcherOptions) {
    const { url, token, view, compositors } = options;
    this.#options = options;
    this.#reader = new ConformanceClient({
      url,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
      ...(view !== undefined && { view }),
      ...(compositors && { compositors }),
      beforeEvent: (event) => this.#arrive(event),
      onEvent: (event) => this.#count(event),
      onConnectionChange: () => this.#look(),
    });
  }

  start(): void {
    this.#reader.connect();
  }

  async stop(): Promise<void> {
    await this.#reader.disconnect();
  }

  state(now: number): WatchState {
    const { copy, query, counts } = this.#reader;
    const statusOf = (id: string) => (copy.compositors.get(id) as { status?: string } | undefined)?.status;
    const busy = [...this.#busy].sort((a, b) => b[1] - a[1]).slice(0, 20);
    return {
      url: printable(this.#options.url),
      view: query === '' ? 'the whole map' : printable(decodeURIComponent(query.slice(1))),
      link: this.#link,
      cursor: copy.cursor ?? '',
      degraded: copy.degraded,
      tiles: copy.tiles.size,
      compositors: copy.compositors.size,
      rates: this.#rates.at(now),
      reconnects: Math.max(0, counts.connections - 1),
      busy: busy.map(([id, changes]) => [printable(id), printable(statusOf(id) ?? 'gone'), changes]),
      recent: this.#recent,
    };
  }

  #arrive(event: SseEvent): void {
    const changes = changesOf(event, this.#reader.copy);
    this.#time = changes[0]?.time;
    this.#tiles = changes.filter(({ kind }) => kind === 'tile').length;
    for (const change of changes) {
      if (change.who !== '') this.#busy.set(change.who, (this.#busy.get(change.who) ?? 0) + 1);
      this.#recent.unshift(`${change.time?.slice(11, 23) ?? ''} ${change.words}`.trimStart());
      this.#options.onChange(change);
    }
    this.#recent.length = Math.min(this.#recent.length, RECENT);
    if (event.event === 'bye') this.#say(changes[0]!.words);
  }

  #count(event: SseEvent): void {
    const { cursor } = this.#reader;
    // Whoever has left the map is busy no more; else this would grow with all who ever were.
    if (this.#busy.size > MANY)
      for (const id of this.#busy.keys()) if (!this.#reader.compositors.has(id)) this.#busy.delete(id);
    if (cursor === undefined || event.event !== 'patch') {
      this.#cursor = cursor;
      return;
    }
    const commits =
      event.id === undefined || !this.#cursor ? 0 : revisionOf(cursor) - revisionOf(this.#cursor);
    const delay = Date.now() - Date.parse(this.#time ?? '');
    this.#rates.add({
      at: performance.now(),
      commits: Math.max(0, commits),
      tiles: this.#tiles,
      delay: Number.isFinite(delay) ? delay : undefined,
    });
    this.#cursor = cursor;
  }

  #look(): void {
    if (this.#reader.stream) this.#say('connected');
    // Why it went is told already by the bye.
    else if (!this.#link.startsWith('bye')) this.#say('lost, connecting again');
  }

  #say(link: string): void {
    if (link === this.#link) return;
    this.#link = link;
    this.#options.onLink(link);
  }
}
