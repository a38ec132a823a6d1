import type { Owner } from './palette.ts';
import type { Cell } from './scene.ts';

/** A chunk is this many cells wide, as a power of two. */
export const CHUNK_BITS = 6;

/** Chunk coordinates have 26 bits each. One more, or a chunk at the plane's edge had neighbours at the opposite one. */
const STRIDE = 2 ** 27;

/** Names a chunk by its place; together both coordinates fit a double. */
export function chunkKeyOf(x: number, y: number): number {
  return x * STRIDE + y;
}

/** From the key of a chunk to those of the eight around it. */
export const NEIGHBOURS: readonly number[] = [
  ...[-STRIDE - 1, -STRIDE, -STRIDE + 1],
  ...[-1, 1],
  ...[STRIDE - 1, STRIDE, STRIDE + 1],
];

/** Several cells drawn as one, seen from afar. */
export interface Coarse {
  /** Its corner, in cells. */
  readonly x: number;
  readonly y: number;
  count: number;
  /** Of most of its tiles, about. */
  owner: Owner;
  /** When one of them last changed, in seconds of the page's clock. */
  changedAt: number;
  /** The lead of `owner` over the others, as in Boyer and Moore's vote. */
  lead: number;
}

/** What one compositor has in a chunk. */
export interface Holding {
  readonly count: number;
  /** The cells around it, corners included. */
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** 64 x 64 cells, and what they look like from afar. */
export class Chunk {
  readonly x: number;
  readonly y: number;
  readonly #cells = new Map<number, Cell>();
  /** By level; thrown away when a cell changes. */
  #coarse: (Coarse[] | undefined)[] = [];
  #holdings: Map<Owner, Holding> | undefined;

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
    this.#forget();
  }

  remove(x: number, y: number): Cell | undefined {
    const cell = this.get(x, y);
    this.#cells.delete(indexOf(x, y));
    this.#forget();
    return cell;
  }

  cells(): Iterable<Cell> {
    return this.#cells.values();
  }

  /** Its cells in squares of `2^level`, where `level` is at most {@link CHUNK_BITS}. */
  coarse(level: number): readonly Coarse[] {
    return (this.#coarse[level] ??= coarseOf(this.#cells.values(), level));
  }

  holdings(): ReadonlyMap<Owner, Holding> {
    return (this.#holdings ??= holdingsOf(this.#cells.values()));
  }

  #forget(): void {
    this.#coarse = [];
    this.#holdings = undefined;
  }
}

function coarseOf(cells: Iterable<Cell>, level: number): Coarse[] {
  const squares = new Map<number, Coarse>();
  for (const { x, y, owner, changedAt } of cells) {
    const key = indexOf(x >> level, y >> level);
    const square = squares.get(key);
    if (square) vote(square, owner, 1, changedAt);
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

function holdingsOf(cells: Iterable<Cell>): Map<Owner, Holding> {
  const holdings = new Map<Owner, { -readonly [K in keyof Holding]: number }>();
  for (const { x, y, owner } of cells) {
    const holding = holdings.get(owner);
    if (!holding) {
      holdings.set(owner, { count: 1, x1: x, y1: y, x2: x, y2: y });
      continue;
    }
    holding.count += 1;
    if (x < holding.x1) holding.x1 = x;
    if (y < holding.y1) holding.y1 = y;
    if (x > holding.x2) holding.x2 = x;
    if (y > holding.y2) holding.y2 = y;
  }
  return holdings;
}

/** Counts `count` more tiles of `owner` in. */
export function vote(square: Coarse, owner: Owner, count: number, changedAt: number): void {
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
