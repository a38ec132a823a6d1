import type { Owner } from './palette.ts';
import type { Cell } from './cell.ts';

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

/** Several cells drawn as one square when the map is zoomed out. */
export interface CoarseSquare {
  /** The corner, in cells. */
  readonly x: number;
  readonly y: number;
  count: number;
  /** The owner of most tiles, approximately. */
  owner: Owner;
  /** When a tile last changed, in seconds of the page's clock. */
  changedAt: number;
  /** The lead of `owner` over the others (Boyer-Moore majority vote). */
  lead: number;
}

/** The tiles of one compositor in a chunk: how many, and the rectangle around them. */
export interface OwnedArea {
  readonly count: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** 64 x 64 cells, with cached summaries for drawing them zoomed out. */
export class Chunk {
  readonly x: number;
  readonly y: number;
  readonly #cells = new Map<number, Cell>();
  /** By level; dropped when a cell changes. */
  #coarse: (CoarseSquare[] | undefined)[] = [];
  #ownedAreas: Map<Owner, OwnedArea> | undefined;

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
  coarse(level: number): readonly CoarseSquare[] {
    return (this.#coarse[level] ??= coarseOf(this.#cells.values(), level));
  }

  ownedAreas(): ReadonlyMap<Owner, OwnedArea> {
    return (this.#ownedAreas ??= ownedAreasOf(this.#cells.values()));
  }

  #dropCaches(): void {
    this.#coarse = [];
    this.#ownedAreas = undefined;
  }
}

function coarseOf(cells: Iterable<Cell>, level: number): CoarseSquare[] {
  const squares = new Map<number, CoarseSquare>();
  for (const { x, y, owner, changedAt } of cells) {
    const key = indexOf(x >> level, y >> level);
    const square = squares.get(key);
    if (square) addTiles(square, owner, 1, changedAt);
    else
      squares.set(key, {
        x: (x >> level) << level,
        y: (y >> level) << level,
        count: 1,
        owner,
        changedAt,
        lead: 1,
      });
  }
  return [...squares.values()];
}

function ownedAreasOf(cells: Iterable<Cell>): Map<Owner, OwnedArea> {
  const ownedAreas = new Map<Owner, { -readonly [K in keyof OwnedArea]: number }>();
  for (const { x, y, owner } of cells) {
    const owned = ownedAreas.get(owner);
    if (!owned) {
      ownedAreas.set(owner, { count: 1, x1: x, y1: y, x2: x, y2: y });
      continue;
    }
    owned.count += 1;
    if (x < owned.x1) owned.x1 = x;
    if (y < owned.y1) owned.y1 = y;
    if (x > owned.x2) owned.x2 = x;
    if (y > owned.y2) owned.y2 = y;
  }
  return ownedAreas;
}

/** Adds `count` tiles of `owner` to a square. */
export function addTiles(square: CoarseSquare, owner: Owner, count: number, changedAt: number): void {
  square.count += count;
  if (changedAt > square.changedAt) square.changedAt = changedAt;
  if (square.owner === owner) square.lead += count;
  else if (square.lead >= count) square.lead -= count;
  else [square.owner, square.lead] = [owner, count - square.lead];
}

function indexOf(x: number, y: number): number {
  const mask = 2 ** CHUNK_BITS - 1;
  return ((y & mask) << CHUNK_BITS) | (x & mask);
}
