import { checked, connect, type ConnectOptions } from './connect.ts';
import type { Area, Compositor, Region, Tile } from './entries.ts';
import type { State } from './moving-link.ts';
import type { Problem } from './stream-link.ts';
import type { Subscription } from './subscription.ts';

/** One exact moment of the manifest. Another moment is another object; a map of it in which nothing has changed is the same. */
export interface Manifest {
  readonly tiles: ReadonlyMap<string, Tile>;
  readonly areas: ReadonlyMap<string, Area>;
  readonly compositors: ReadonlyMap<string, Compositor>;
  readonly regions: ReadonlyMap<string, Region>;
  /** What the maps show, `x1,y1,x2,y2`; null: the whole plane. While a view moves, the one before it. */
  readonly view: string | null;
  readonly zoom: number;
  readonly cursor: string | undefined;
  readonly state: State;
  /** What went wrong last; undefined while it is live. */
  readonly problem: Problem | undefined;
}

/** Before the first moment, and on a server. */
export const NOTHING: Manifest = {
  tiles: new Map(),
  areas: new Map(),
  compositors: new Map(),
  regions: new Map(),
  view: null,
  zoom: 0,
  cursor: undefined,
  state: 'connecting',
  problem: undefined,
};

type Kind = 'tiles' | 'areas' | 'compositors' | 'regions';
const KINDS: readonly Kind[] = ['tiles', 'areas', 'compositors', 'regions'];

/** Changes that come within so many milliseconds are one moment: a screen shows no more. */
const FRAME = 16;

/** A subscription that lasts as long as somebody listens, as moments that do not change any more. */
export class ManifestStore {
  #options: ConnectOptions;
  #subscription: Subscription | undefined;
  #manifest = NOTHING;
  readonly #listeners = new Set<() => void>();
  /** The maps that differ from those of the last moment. */
  readonly #changed = new Set<Kind>();
  /** Before the first exact moment of a connection, what it has is only a part of it. */
  #exact = false;
  #problem: Problem | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Throws a TypeError when the options are invalid. */
  constructor(options: ConnectOptions) {
    checked(options);
    this.#options = options;
  }

  /** Stores with different keys have different connections. */
  static keyOf({ url, compositor, token, zoom }: ConnectOptions): string {
    return JSON.stringify([
      String(url),
      compositor,
      typeof token === 'function' ? true : token,
      zoom !== undefined,
    ]);
  }

  /** Calls `listener` at each new moment. Returns a function that ends it; without listeners there is no connection. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#subscription ??= this.#connect();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  /** The last moment. */
  readonly get = (): Manifest => this.#manifest;

  /** Options with the same key. */
  update(options: ConnectOptions): void {
    const [before, now] = [checked(this.#options).view, checked(options).view];
    this.#options = options;
    if (JSON.stringify(before) === JSON.stringify(now)) return;
    const { view = null, zoom } = options;
    this.#subscription?.setView(zoom === undefined ? view : { view, zoom });
  }

  #connect(): Subscription {
    const { token } = this.#options;
    const subscription = connect({
      ...this.#options,
      // The latest one, whenever it is called.
      ...(typeof token === 'function' && {
        token: () => (this.#options.token as typeof token)(),
        share: this.#options.share ?? false,
      }),
    });
    this.#exact = false;
    for (const kind of KINDS) this.#changed.add(kind);
    subscription.on('change', (batch) => {
      for (const kind of KINDS) if (batch[kind].length > 0) this.#changed.add(kind);
      this.#exact ||= batch.exact;
      this.#plan();
    });
    subscription.on('problem', (problem) => {
      this.#problem = problem;
      this.#plan();
    });
    subscription.on('state', (state) => {
      if (state === 'live' || state === 'degraded') {
        this.#exact = true;
        this.#problem = undefined;
      }
      this.#plan();
    });
    return subscription;
  }

  #close(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    subscription?.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #plan(): void {
    if (this.#subscription) this.#timer ??= setTimeout(() => this.#take(), FRAME);
  }

  #take(): void {
    this.#timer = undefined;
    const now = this.#subscription!;
    const changed = this.#exact ? [...this.#changed] : [];
    this.#manifest = {
      ...this.#manifest,
      ...(this.#exact && { view: now.view, zoom: now.zoom, cursor: now.cursor }),
      ...Object.fromEntries(changed.map((kind) => [kind, new Map<string, unknown>(now[kind])])),
      state: now.state,
      problem: this.#problem,
    };
    for (const kind of changed) this.#changed.delete(kind);
    for (const listener of this.#listeners) listener();
  }
}
