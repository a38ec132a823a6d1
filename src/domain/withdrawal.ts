import type { TileChanges } from './patch.ts';
import { TileGrid } from './tile-grid.ts';
import type { Tile } from './tile.ts';
import type { Rect } from './view.ts';

/** Where the tiles lay when they were withdrawn. */
interface Base {
  readonly tiles: ReadonlyMap<string, Tile>;
  readonly grid: TileGrid;
}

/**
 * All tiles of a compositor, taken out of a manifest in one go: from then on nobody sees them there, however many they are.
 * They move here from where they lie little by little, or when their cells are written again.
 */
export class Withdrawal {
  readonly compositor: string;
  /** What it changes: every tile is removed. */
  readonly patch: TileChanges;
  /** The inverse. */
  readonly undo: TileChanges;
  readonly #keys: ReadonlySet<string>;
  readonly #moved = new Map<string, Tile>();
  readonly #movedGrid = new TileGrid();
  /** Undefined once all tiles have moved. */
  #base: Base | undefined;

  /** `keys`: of its tiles, all of which are in `base`; nobody else changes them any more. `bytes`: what they take. */
  constructor(compositor: string, keys: ReadonlySet<string>, bytes: number, base: Base) {
    this.compositor = compositor;
    this.#keys = keys;
    this.#base = keys.size > 0 ? base : undefined;
    const within = (rect: Rect) => this.#within(rect);
    this.patch = new ChangesOf(keys, { valueOf: () => null, within, bytes: 0 });
    this.undo = new ChangesOf(keys, { valueOf: (key) => this.#tile(key), within, bytes });
  }

  /** How many tiles have not moved yet. */
  get left(): number {
    return this.#keys.size - this.#moved.size;
  }

  /** The keys of the tiles that have not moved yet. */
  *rest(): Generator<string, void, undefined> {
    for (const key of this.#keys) if (!this.#moved.has(key)) yield key;
  }

  /** Whether what lies under `key` is one of these tiles, and thus not to be seen. */
  hides(key: string): boolean {
    return this.#keys.has(key) && !this.#moved.has(key);
  }

  /** Takes over a tile that it {@link hides}. */
  move(key: string, tile: Tile): void {
    this.#moved.set(key, tile);
    this.#movedGrid.add(key);
    if (this.left === 0) this.#base = undefined;
  }

  #tile(key: string): Tile {
    return (this.#moved.get(key) ?? this.#base?.tiles.get(key))!;
  }

  /** Some may come twice when tiles move meanwhile, and none is missed. */
  *#within(rect: Rect): Generator<string, void, undefined> {
    for (const key of this.#base?.grid.within(rect) ?? []) if (this.hides(key)) yield key;
    yield* this.#movedGrid.within(rect);
  }
}

/** The same kind of change for many keys, made when it is asked for. */
class ChangesOf<T extends Tile | null> implements TileChanges {
  readonly within: (rect: Rect) => Iterable<string>;
  readonly bytes: number;
  readonly #keys: ReadonlySet<string>;
  readonly #valueOf: (key: string) => T;

  constructor(
    keys: ReadonlySet<string>,
    options: {
      valueOf: (key: string) => T;
      within: (rect: Rect) => Iterable<string>;
      bytes: number;
    },
  ) {
    this.#keys = keys;
    this.#valueOf = options.valueOf;
    this.within = options.within;
    this.bytes = options.bytes;
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  get(key: string): T | undefined {
    return this.#keys.has(key) ? this.#valueOf(key) : undefined;
  }

  keys(): SetIterator<string> {
    return this.#keys.keys();
  }

  *values(): Generator<T, undefined, undefined> {
    for (const key of this.#keys) yield this.#valueOf(key);
  }

  *entries(): Generator<[string, T], undefined, undefined> {
    for (const key of this.#keys) yield [key, this.#valueOf(key)];
  }

  [Symbol.iterator](): Generator<[string, T], undefined, undefined> {
    return this.entries();
  }

  forEach(take: (value: T, key: string, map: ReadonlyMap<string, T>) => void): void {
    for (const [key, value] of this) take(value, key, this);
  }
}
