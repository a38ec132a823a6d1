import { SquareIndex } from './square-index.ts';
import type { TileBlock, TileOwner } from './tile-block.ts';
import type { Tile } from './tile.ts';
import type { Holdings } from './usage.ts';
import type { Rect } from './view.ts';

/** All tiles of one compositor, by square. Whoever comes back under the same id after a withdrawal has others. */
export class OwnedTiles implements TileOwner {
  readonly id: string;
  readonly blocks = new SquareIndex<TileBlock>();
  isWithdrawn = false;
  size = 0;
  #sum = 0;
  #bytes = 0;

  constructor(id: string) {
    this.id = id;
  }

  get holdings(): Holdings {
    return { digest: { tiles: this.size, sum: this.#sum }, bytes: this.#bytes };
  }

  /** Those inside `rect` (all without one). */
  *entries(rect?: Rect): Generator<[string, Tile], void, undefined> {
    for (const block of this.blocks.in(rect)) yield* block.entries(rect);
  }

  /** Counts tiles that come or, with negative numbers, go. */
  count(tiles: number, hash: number, bytes: number): void {
    this.size += tiles;
    this.#sum = (this.#sum + hash) >>> 0;
    this.#bytes += bytes;
  }
}
