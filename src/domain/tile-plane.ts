import { EMPTY_DIGEST, tileHash, withoutPart, type Digest } from './digest.ts';
import { OwnedTiles } from './owned-tiles.ts';
import { SharedNames } from './shared-names.ts';
import { SquareIndex } from './square-index.ts';
import { indexInSquare, squareOf } from './square.ts';
import { STEP } from './steps.ts';
import { TileBlock } from './tile-block.ts';
import { cellOf, type Tile } from './tile.ts';
import { tileBytes } from './usage.ts';
import type { Rect } from './view.ts';

/**
 * All tiles, in blocks: each is those of one compositor in one square. So the tiles of a compositor, and those of a rectangle,
 * are found without a look at the others.
 */
export class TilePlane {
  /** The first block of each square. Also has the blocks that were withdrawn and not swept yet. */
  readonly #squares = new SquareIndex<TileBlock>();
  readonly #owners = new Map<string, OwnedTiles>();
  readonly #names = new SharedNames();
  /** The blocks that are still to be swept. */
  readonly #unswept = new Set<Iterator<TileBlock>>();
  #hidden = 0;
  #digest: Digest = EMPTY_DIGEST;

  get digest(): Digest {
    return this.#digest;
  }

  /** How many tiles lie here, with those that were withdrawn and not swept yet. */
  get held(): number {
    return this.#digest.tiles + this.#hidden;
  }

  /** How many squares are not empty. */
  get squareCount(): number {
    return this.#squares.size;
  }

  tile(key: string): Tile | undefined {
    const cell = cellOf(key);
    const index = indexInSquare(cell);
    return this.#blockWith(squareOf(cell), index)?.tile(index);
  }

  owned(id: string): OwnedTiles | undefined {
    return this.#owners.get(id);
  }

  /** Sets a tile, or removes it. Returns the one that was there. */
  set(key: string, tile: Tile | null): Tile | undefined {
    const cell = cellOf(key);
    const square = squareOf(cell);
    const index = indexInSquare(cell);
    const block = this.#blockWith(square, index);
    const before = block?.tile(index);
    if (block && before) this.#count(block, key, before, -1);
    const into = tile && this.#put(square, index, tile);
    if (into) this.#count(into, key, tile, 1);
    if (block && into !== block) this.#remove(block, index);
    return before;
  }

  /** Nobody sees the tiles of `id` from now on, however many they are. {@link sweep} does the rest of the work. */
  withdraw(id: string): OwnedTiles {
    const owned = this.#owners.get(id) ?? new OwnedTiles(id);
    owned.isWithdrawn = true;
    this.#owners.delete(id);
    this.#digest = withoutPart(this.#digest, owned.holdings.digest);
    this.#hidden += owned.size;
    if (owned.size > 0) this.#unswept.add(owned.blocks.in());
    return owned;
  }

  /** Takes what was withdrawn out of the squares, in steps between which others may run. */
  *sweep(): Generator<void, void, undefined> {
    let swept = STEP;
    for (const blocks of this.#unswept) {
      for (;;) {
        // Before the first, too: whoever withdrew has done enough in one turn.
        if (swept >= STEP) {
          swept = 0;
          yield;
        }
        const next = blocks.next();
        if (next.done === true) break;
        const block = next.value;
        for (const name of block.names) this.#names.release(name);
        this.#unlink(block);
        this.#hidden -= block.size;
        swept += block.size;
      }
      this.#unswept.delete(blocks);
    }
  }

  /** The blocks in a square, and in those that `rect` touches (all without one). */
  *blocksAt(square: number): Generator<TileBlock, void, undefined> {
    for (let block = this.#squares.get(square); block; block = block.next)
      if (!block.owner.isWithdrawn) yield block;
  }

  *blocksIn(rect?: Rect): Generator<TileBlock, void, undefined> {
    for (const first of this.#squares.in(rect))
      for (let block: TileBlock | undefined = first; block; block = block.next)
        if (!block.owner.isWithdrawn) yield block;
  }

  squaresIn(rect?: Rect): Iterable<number> {
    return this.#squares.squaresIn(rect);
  }

  /** See {@link SquareIndex.nearestFirst}. */
  nearestFirst(rect?: Rect): Iterable<number> {
    return this.#squares.nearestFirst(rect);
  }

  /** Whether no more than `limit` tiles lie in the squares that `rect` touches, with those that were withdrawn. */
  holdsAtMost(rect: Rect, limit: number): boolean {
    let left = limit;
    for (const first of this.#squares.in(rect))
      for (let block: TileBlock | undefined = first; block; block = block.next)
        if ((left -= block.size) < 0) return false;
    return left >= 0;
  }

  #blockWith(square: number, index: number): TileBlock | undefined {
    for (let block = this.#squares.get(square); block; block = block.next)
      if (!block.owner.isWithdrawn && block.has(index)) return block;
    return undefined;
  }

  /** Counts a tile that comes into a block (1) or goes (-1). */
  #count(block: TileBlock, key: string, tile: Tile, sign: 1 | -1): void {
    const hash = sign * tileHash(key, tile);
    this.#digest = { tiles: this.#digest.tiles + sign, sum: (this.#digest.sum + hash) >>> 0 };
    block.sum = (block.sum + hash) >>> 0;
    this.#owners.get(block.owner.id)!.count(sign, hash, sign * tileBytes(tile));
  }

  /** Puts a tile into the block of its owner, which it returns. */
  #put(square: number, index: number, { brick, timestamp, compositor }: Tile): TileBlock {
    const name = this.#names.take(brick);
    let owned = this.#owners.get(compositor);
    if (!owned) this.#owners.set(compositor, (owned = new OwnedTiles(compositor)));
    let block = owned.blocks.get(square);
    if (block) {
      const replaced = block.put(index, name, timestamp);
      if (replaced) this.#names.release(replaced);
      return block;
    }
    block = new TileBlock(owned, square, index, name, timestamp);
    owned.blocks.set(square, block);
    block.next = this.#squares.get(square);
    this.#squares.set(square, block);
    return block;
  }

  #remove(block: TileBlock, index: number): void {
    const name = block.delete(index);
    if (name) this.#names.release(name);
    if (block.size > 0) return;
    this.#unlink(block);
    const owned = this.#owners.get(block.owner.id)!;
    owned.blocks.delete(block.square);
    if (owned.size === 0) this.#owners.delete(owned.id);
  }

  /** Takes a block out of its square. */
  #unlink(block: TileBlock): void {
    const first = this.#squares.get(block.square);
    if (first === block) {
      if (block.next) this.#squares.set(block.square, block.next);
      else this.#squares.delete(block.square);
      return;
    }
    for (let before = first; before; before = before.next)
      if (before.next === block) before.next = block.next;
  }
}
