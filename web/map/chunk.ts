import type { Owner } from '../colours/palette.ts';
import type { Cell } from './cell.ts';
import { extend, type Extent } from './extent.ts';
import { joined, type Square } from './square.ts';

/** A chunk is 2^CHUNK_BITS cells wide. */
export const CHUNK_BITS = 6;

/** Chunk coordinates have 26 bits. The stride has one bit more: otherwise chunks at opposite edges of the plane would be neighbours. */
const STRIDE = 2 ** 27;

/** The key of a chunk. Both coordinates together fit a double. */
export function chunkKeyOf(x: number, y: number): number {
  return x * STRIDE + y;
}

/** Added to a chunk's key, these give the keys of its eight neighbours. */
export const NEIGHBOURS: readonly number[] = [
  ...[-STRIDE - 1, -STRIDE, -STRIDE + 1],
  ...[-1, 1],
  ...[STRIDE - 1, STRIDE, STRIDE + 1],
];

/** 64 x 64 cells, with cached summaries for drawing them zoomed out. */
export class Chunk {
  readonly x: number;
  readonly y: number;
  readonly #cells = new Map<number, Cell>();
  /** By level; dropped when a cell changes. */
  #coarse: (readonly Square[] | undefined)[] = [];
  #extents: Map<Owner, Extent> | undefined;

  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }

  get key(): number {
    return chunkKeyOf(this.x, this.y);
  }

  get size(): number {
    return this.#cells.size;
  }

  get(x: number, y: number): Cell | undefined {
    return this.#cells.get(indexOf(x, y));
  }

  set(cell: Cell): void {
    this.#cells.set(indexOf(cell.x, cell.y), cell);
    this.#dropCaches();
  }

  remove(x: number, y: number): Cell | undefined {
    const cell = this.get(x, y);
    this.#cells.delete(indexOf(x, y));
    this.#dropCaches();
    return cell;
  }

  cells(): Iterable<Cell> {
    return this.#cells.values();
  }

  /** The cells in squares of `2^level` cells; `level` is at most {@link CHUNK_BITS}. */
  coarse(level: number): readonly Square[] {
    return (this.#coarse[level] ??= joined(this.#squares(), level));
  }

  /** Where each compositor's tiles are. */
  extents(): ReadonlyMap<Owner, Extent> {
    return (this.#extents ??= extentsOf(this.#cells.values()));
  }

  *#squares(): Iterable<Square> {
    for (const { x, y, owner, changedAt } of this.#cells.values())
      yield { x, y, count: 1, shares: [{ owner, count: 1 }], changedAt };
  }

  #dropCaches(): void {
    this.#coarse = [];
    this.#extents = undefined;
  }
}

function extentsOf(cells: Iterable<Cell>): Map<Owner, Extent> {
  const extents = new Map<Owner, Extent>();
  for (const { x, y, owner } of cells) extend(extents, owner, 1, { x1: x, y1: y, x2: x, y2: y });
  return extents;
}

function indexOf(x: number, y: number): number {
  const mask = 2 ** CHUNK_BITS - 1;
  return ((y & mask) << CHUNK_BITS) | (x & mask);
}
