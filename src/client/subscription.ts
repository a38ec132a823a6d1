import { same, type Changes, type Compositor, type Entries, type Tile } from './entry.ts';
import { revisionOf, type Moment, type Sink, type Source, type State } from './moving-link.ts';
import type { Problem } from './stream-link.ts';
import { viewOf, type Rect, type View } from './view.ts';

/** One entry that differs from what it was; `null` is gone. */
export interface Change<T> {
  readonly key: string;
  readonly now: T | null;
  readonly before: T | null;
}

/** All that one frame of the stream changed. */
export interface Batch {
  readonly cursor: string | undefined;
  readonly revision: number;
  /** False only while the first snapshot fills an empty map. */
  readonly exact: boolean;
  readonly tiles: readonly Change<Tile>[];
  readonly compositors: readonly Change<Compositor>[];
  /** Milliseconds from the commit to here, by the two clocks; null where several came together. */
  readonly delay: number | null;
}

/** The maps are exact. Comes after each catch-up, and as a sign of life. */
export interface Synced {
  readonly cursor: string;
  readonly revision: number;
  readonly time: string;
  readonly degraded: boolean;
  /** Milliseconds from the server's clock to ours. */
  readonly delay: number;
}

/** What can be listened for, and what a listener is called with. */
export interface Events {
  /** A tile is new, or another than `before`. */
  tile: [key: string, tile: Tile, before: Tile | null];
  /** A tile is gone. */
  remove: [key: string, before: Tile];
  /** A compositor is new, another, or gone (`null`). */
  compositor: [id: string, entry: Compositor | null, before: Compositor | null];
  /** Once for each frame that changed anything, after the events of its entries. */
  change: [batch: Batch];
  synced: [sign: Synced];
  state: [state: State, before: State];
  /** Something went wrong; it goes on trying by itself. */
  problem: [problem: Problem];
}

type Listener = (...values: unknown[]) => void;

/** A live copy of the manifest, or of a part of it. Made by `connect`. */
export class Subscription {
  readonly #compositors = new Map<string, Compositor>();
  readonly #tiles = new Map<string, Tile>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #source: Source;
  #view: View;
  #id: string | undefined;
  #state: State = 'connecting';

  constructor(view: View, source: (sink: Sink, shown: Entries) => Source) {
    this.#view = view;
    const shown = { compositors: this.#compositors, tiles: this.#tiles };
    this.#source = source(this.#sink(), shown);
    this.#source.open();
  }

  /** By `"x,y"`. The same object for ever; always one exact moment, but while the first snapshot comes in. */
  get tiles(): ReadonlyMap<string, Tile> {
    return this.#tiles;
  }

  /** By id. */
  get compositors(): ReadonlyMap<string, Compositor> {
    return this.#compositors;
  }

  /** Names the commit that the maps show; undefined before there was one. */
  get cursor(): string | undefined {
    return cursorOf(this.#id);
  }

  get state(): State {
    return this.#state;
  }

  /** The rectangle that the maps show now, `x1,y1,x2,y2`; null: the whole plane. */
  get view(): string | null {
    const { rect } = this.#view;
    return rect ? [rect.x1, rect.y1, rect.x2, rect.y2].join() : null;
  }

  /** Calls `listener` at each such event. Returns what stops that. */
  on<E extends keyof Events>(event: E, listener: (...values: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener as unknown as Listener));
    return () => listeners.delete(listener as unknown as Listener);
  }

  /** Looks elsewhere. The maps stay as they are until the new view is there whole, and then turn into it at once. */
  setView(view: string | readonly number[] | Rect | null): void {
    this.#source.moveTo({ ...viewOf(view), compositors: this.#view.compositors });
  }

  /** Ends it. The maps stay as they are. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#source.close();
    this.#turn('closed');
  }

  #sink(): Sink {
    return {
      replace: (whole, view, moment) => {
        this.#view = view;
        this.#apply(
          differences(this.#compositors, whole.compositors),
          differences(this.#tiles, whole.tiles),
          moment,
        );
      },
      patch: (changes, moment) => this.#apply(changes.compositors, changes.tiles, moment),
      state: (state, problem) => {
        if (this.#state === 'closed') return;
        if (problem) this.#emit('problem', problem);
        this.#turn(state);
      },
    };
  }

  #apply(compositors: Changes['compositors'], tiles: Changes['tiles'], moment: Moment): void {
    if (this.#state === 'closed') return;
    this.#id = moment.id;
    const changed = { compositors: put(this.#compositors, compositors), tiles: put(this.#tiles, tiles) };
    // Only now: a listener that looks at the maps sees all of one commit.
    for (const { key, now, before } of changed.compositors) this.#emit('compositor', key, now, before);
    for (const { key, now, before } of changed.tiles)
      if (now) this.#emit('tile', key, now, before);
      else this.#emit('remove', key, before!);
    const { exact, sign, time } = moment;
    const at = { cursor: this.cursor, revision: revisionOf(moment.id) };
    if (changed.tiles.length + changed.compositors.length > 0)
      this.#emit('change', { ...at, ...changed, exact, delay: time === undefined ? null : since(time) });
    if (sign)
      this.#emit('synced', {
        ...at,
        cursor: this.cursor!,
        time: sign.time,
        degraded: sign.degraded,
        delay: since(sign.time),
      });
  }

  #turn(state: State): void {
    const before = this.#state;
    this.#state = state;
    if (state !== before) this.#emit('state', state, before);
  }

  #emit<E extends keyof Events>(event: E, ...values: Events[E]): void {
    for (const listener of this.#listeners.get(event) ?? [])
      try {
        listener(...values);
      } catch (error) {
        // Somebody's mistake: told as any uncaught one, and no reason to lose the stream.
        queueMicrotask(() => {
          throw error;
        });
      }
  }
}

/** The cursor in an event id. */
function cursorOf(id: string | undefined): string | undefined {
  return id?.replace(/[~@].*$/, '');
}

function since(time: string): number {
  return Date.now() - Date.parse(time);
}

/** Makes `map` what `changes` say; what turns out to be different. */
function put<T>(map: Map<string, T>, changes: ReadonlyMap<string, T | null>): Change<T>[] {
  const changed: Change<T>[] = [];
  for (const [key, now] of changes) {
    const before = map.get(key) ?? null;
    if (same(now, before)) continue;
    if (now === null) map.delete(key);
    else map.set(key, now);
    changed.push({ key, now, before });
  }
  return changed;
}

/** What turns `mine` into `theirs`: first what goes, so that nothing is there twice. */
function differences<T>(mine: ReadonlyMap<string, T>, theirs: ReadonlyMap<string, T>): Map<string, T | null> {
  const changes = new Map<string, T | null>();
  for (const key of mine.keys()) if (!theirs.has(key)) changes.set(key, null);
  for (const [key, entry] of theirs) changes.set(key, entry);
  return changes;
}
