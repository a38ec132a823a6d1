import type { OwnedTiles } from './owned-tiles.ts';
import type { TileChanges } from './patch.ts';
import { indexInSquare, squareOf } from './square.ts';
import { cellOf, type Tile } from './tile.ts';
import type { Rect } from './view.ts';

/** All tiles of a compositor, taken out of a manifest in one go: from then on nobody sees them there, however many they are. */
export class Withdrawal {
  readonly compositor: string;
  /** What it changes: every tile is removed. */
  readonly patch: TileChanges;
  /** The inverse. */
  readonly undo: TileChanges;

  /** Nobody changes `owned` any more. */
  constructor(owned: OwnedTiles) {
    this.compositor = owned.id;
    this.patch = new ChangesOf(owned, () => null, 0);
    this.undo = new ChangesOf(owned, (tile) => tile, owned.holdings.bytes);
  }
}

/** The same kind of change for many tiles, made when somebody asks for it. */
class ChangesOf<T extends Tile | null> implements TileChanges {
  readonly bytes: number;
  readonly #owned: OwnedTiles;
  readonly #change: (tile: Tile) => T;

  constructor(owned: OwnedTiles, change: (tile: Tile) => T, bytes: number) {
    this.#owned = owned;
    this.#change = change;
    this.bytes = bytes;
  }

  get size(): number {
    return this.#owned.size;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get(key: string): T | undefined {
    const cell = cellOf(key);
    const tile = this.#owned.blocks.get(squareOf(cell))?.tile(indexInSquare(cell));
    return tile && this.#change(tile);
  }

  *within(rect?: Rect): Generator<string, undefined, undefined> {
    for (const [key] of this.#owned.entries(rect)) yield key;
  }

  keys(): Generator<string, undefined, undefined> {
    return this.within();
  }

  *values(): Generator<T, undefined, undefined> {
    for (const [, tile] of this.#owned.entries()) yield this.#change(tile);
  }

  *entries(): Generator<[string, T], undefined, undefined> {
    for (const [key, tile] of this.#owned.entries()) yield [key, this.#change(tile)];
  }

  [Symbol.iterator](): Generator<[string, T], undefined, undefined> {
    return this.entries();
  }

  forEach(take: (value: T, key: string, map: ReadonlyMap<string, T>) => void): void {
    for (const [key, value] of this) take(value, key, this);
  }
}
