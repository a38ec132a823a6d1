import { applyTo, differences, type Change } from './changes.ts';
import type { Area, Compositor, Entries, Patch, Region, Tile } from './entries.ts';
import { Listeners } from './listeners.ts';
import { revisionOf, type Sink, type Source, type State, type StreamPosition } from './moving-link.ts';
import { Ready } from './ready.ts';
import { problemOf, Refused } from './refused.ts';
import type { Problem } from './stream-link.ts';
import { viewOf, type Rect, type View } from './view.ts';

/** All changes of one event of the stream. */
export interface Batch {
  readonly cursor: string | undefined;
  readonly revision: number;
  /** False only while the first snapshot fills an empty map. */
  readonly exact: boolean;
  readonly tiles: readonly Change<Tile>[];
  readonly compositors: readonly Change<Compositor>[];
  readonly regions: readonly Change<Region>[];
  /** Of an overview, instead of tiles. */
  readonly areas: readonly Change<Area>[];
  /** Milliseconds from the commit to here, between two clocks; null when the event held several commits. */
  readonly delay: number | null;
}

/** The maps are exact. Comes after each catch-up, and as a heartbeat. */
export interface Synced {
  readonly cursor: string;
  readonly revision: number;
  readonly time: string;
  readonly degraded: boolean;
  /** Milliseconds from sending to arrival, between two clocks. */
  readonly delay: number;
}

/** The events, and the arguments of their listeners. */
export interface Events {
  /** A tile is new, or differs from `before`. */
  tile: [key: string, tile: Tile, before: Tile | null];
  /** A tile was removed. */
  remove: [key: string, before: Tile];
  /** An area of an overview is new, changed, or removed (`null`). */
  area: [name: string, area: Area | null, before: Area | null];
  /** A compositor is new, changed, or removed (`null`). */
  compositor: [id: string, entry: Compositor | null, before: Compositor | null];
  /** A region is new, changed, or removed (`null`). */
  region: [id: string, region: Region | null, before: Region | null];
  /** Once for each event of the stream that changed anything, after the events of its entries. */
  change: [batch: Batch];
  synced: [synced: Synced];
  state: [state: State, before: State];
  /** A connection failed; the subscription tries again by itself, unless the problem is `final`. */
  problem: [problem: Problem];
}

const EVENTS = {
  tile: 1,
  remove: 1,
  area: 1,
  compositor: 1,
  region: 1,
  change: 1,
  synced: 1,
  state: 1,
  problem: 1,
} as const;

/** Where to look, and how. */
export interface ViewAndZoom {
  readonly view: string | readonly number[] | Rect | null;
  /** 0 to 16; 0: tiles. */
  readonly zoom: number;
}

/** A live copy of the manifest, or of a part of it. Made by `connect`. */
export class Subscription {
  readonly #compositors = new Map<string, Compositor>();
  readonly #regions = new Map<string, Region>();
  readonly #tiles = new Map<string, Tile>();
  readonly #areas = new Map<string, Area>();
  readonly #listeners = new Listeners<Events>(EVENTS);
  readonly #ready = new Ready<Subscription>();
  readonly #source: Source;
  #view: View;
  #id: string | undefined;
  #state: State = 'connecting';
  #nextAttempt: number | undefined;

  /** The zoom that was last asked for. */
  #wantedZoom: number | undefined;

  constructor(view: View, source: (sink: Sink, current: Entries) => Source) {
    this.#view = view;
    this.#wantedZoom = view.zoom;
    const entries = { compositors: this.#compositors, regions: this.#regions, tiles: this.#tiles };
    this.#source = source(this.#sink(), entries);
    this.#source.open();
  }

  /** By `"x,y"`. Always the same object. It shows exactly one commit, except while the first snapshot arrives. */
  get tiles(): ReadonlyMap<string, Tile> {
    return this.#tiles;
  }

  /** The areas of an overview, by `"ax,ay"`: each has the cells `ax * 2^zoom` to `ax * 2^zoom + 2^zoom - 1`, and so on. Without a zoom it is empty. */
  get areas(): ReadonlyMap<string, Area> {
    return this.#areas;
  }

  /** By id. */
  get compositors(): ReadonlyMap<string, Compositor> {
    return this.#compositors;
  }

  /** The rectangles that compositors hold and that touch the view, by id. */
  get regions(): ReadonlyMap<string, Region> {
    return this.#regions;
  }

  /** The cursor of the commit that the maps show; undefined before the first. */
  get cursor(): string | undefined {
    return cursorOf(this.#id);
  }

  get state(): State {
    return this.#state;
  }

  /** When it connects again, in ms since 1970, while it is not connected; in the past while it tries. Undefined when another tab knows. */
  get nextAttempt(): number | undefined {
    return this.#nextAttempt;
  }

  /** The rectangle that the maps show now, `x1,y1,x2,y2`; null: the whole plane. */
  get view(): string | null {
    const { rect } = this.#view;
    return rect ? [rect.x1, rect.y1, rect.x2, rect.y2].join() : null;
  }

  /** The zoom of what the maps show now; 0: tiles. */
  get zoom(): number {
    return this.#view.zoom ?? 0;
  }

  /**
   * Fulfilled with this subscription as soon as the maps are exact for the first time. Rejected when it ends before: with a {@link Refused} when
   * the daemon refuses it for good, such as 401 with a token that is no function.
   */
  get ready(): Promise<Subscription> {
    return this.#ready.promise;
  }

  /** Calls `listener` at each such event. Throws a TypeError when there is no such event. Returns a function that removes it. */
  on<E extends keyof Events>(event: E, listener: (...values: Events[E]) => void): () => void {
    return this.#listeners.on(event, listener);
  }

  /**
   * Moves the view, and with `{view, zoom}` also the zoom, where `connect` was given one. The maps keep the old view until the
   * new one is complete, and then change to it in one batch.
   */
  setView(view: string | readonly number[] | Rect | ViewAndZoom | null): void {
    const { view: rect, zoom } = hasZoom(view) ? view : { view, zoom: this.#wantedZoom };
    this.#wantedZoom = zoom;
    this.#source.setView({ ...viewOf(rect, undefined, zoom), compositors: this.#view.compositors });
  }

  /** Ends the subscription. The maps stay as they are. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#source.close();
    this.#setState('closed');
    this.#ready.reject(new Error('the subscription was closed'));
  }

  #sink(): Sink {
    return {
      replace: (entries, view, position) => {
        this.#view = view;
        const compositors = differences(this.#compositors, entries.compositors);
        const regions = differences(this.#regions, entries.regions);
        const areas = differences(this.#areas, entries.areas ?? new Map<string, Area>());
        this.#apply(
          { compositors, regions, tiles: differences(this.#tiles, entries.tiles), areas },
          position,
        );
      },
      patch: (patch, position) => this.#apply(patch, position),
      state: (state, problem, pause) => {
        if (this.#state === 'closed') return;
        this.#nextAttempt = pause === undefined ? undefined : Date.now() + pause;
        if (problem) this.#emit('problem', problem);
        this.#setState(state);
        if (state === 'live' || state === 'degraded') this.#ready.fulfil(this);
        if (problem?.final) this.#stopped(problem);
      },
    };
  }

  #apply(
    { compositors, regions = new Map(), tiles, areas = new Map() }: Patch,
    position: StreamPosition,
  ): void {
    if (this.#state === 'closed') return;
    this.#id = position.id;
    const changed = {
      compositors: applyTo(this.#compositors, compositors),
      regions: applyTo(this.#regions, regions),
      tiles: applyTo(this.#tiles, tiles),
      areas: applyTo(this.#areas, areas),
    };
    // Listeners run after both maps have changed, so that they see all of one commit.
    for (const { key, now, before } of changed.compositors) this.#emit('compositor', key, now, before);
    for (const { key, now, before } of changed.tiles)
      if (now) this.#emit('tile', key, now, before);
      else this.#emit('remove', key, before!);
    for (const { key, now, before } of changed.areas) this.#emit('area', key, now, before);
    for (const { key, now, before } of changed.regions) this.#emit('region', key, now, before);
    const { exact, heartbeat, time } = position;
    const at = { cursor: this.cursor, revision: revisionOf(position.id) };
    if (Object.values(changed).some(({ length }) => length > 0))
      this.#emit('change', {
        ...at,
        ...changed,
        exact,
        delay: time === undefined ? null : millisecondsSince(time),
      });
    if (heartbeat)
      this.#emit('synced', {
        ...at,
        cursor: this.cursor!,
        time: heartbeat.time,
        degraded: heartbeat.degraded,
        delay: millisecondsSince(heartbeat.time),
      });
  }

  #stopped(problem: Problem): void {
    const refused = new Refused(problemOf(problem, problem.status));
    // Where nobody listens, an empty map would be all that there is to see.
    if (!this.#ready.isUsed && !this.#listeners.has('problem'))
      console.error(`compositord: the subscription has stopped: ${refused.status} ${refused.message}`);
    this.#ready.reject(refused);
  }

  #setState(state: State): void {
    const before = this.#state;
    this.#state = state;
    if (state !== before) this.#emit('state', state, before);
  }

  #emit<E extends keyof Events>(event: E, ...values: Events[E]): void {
    this.#listeners.emit(event, ...values);
  }
}

function hasZoom(view: object | string | null): view is ViewAndZoom {
  return typeof view === 'object' && view !== null && 'zoom' in view;
}

/** The cursor in an event id. */
function cursorOf(id: string | undefined): string | undefined {
  return id?.replace(/[~@].*$/, '');
}

function millisecondsSince(time: string): number {
  return Date.now() - Date.parse(time);
}
