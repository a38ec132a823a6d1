import type { Cell } from './tile.ts';
import { rectCovers, type Rect } from './view.ts';

/** The plane is kept in squares of this many by this many cells, so that a view costs what it shows. */
export const SIDE = 32;
/** The same as a power of two. */
export const SQUARE_LEVEL = 5;

/** Squares to one side of 0,0; and rows of squares in all. */
const HALF = 2 ** 26;
const ROWS = 2 ** 27;

/**
 * The number of the square in this column and row of squares, each from -2^26 to 2^26 - 1. A number and not a name: to
 * make a text for each look into a map would take longer than the look.
 */
export function squareAt(column: number, row: number): number {
  // In this order: every sum on the way is an exact double, up to the corners of the plane.
  return column * ROWS + (row + HALF);
}

/** The square in which a cell lies. */
export function squareOf({ x, y }: Cell): number {
  return squareAt(x >> 5, y >> 5);
}

/** Where a cell lies in its square: 0 to 1023, row by row. */
export function indexInSquare({ x, y }: Cell): number {
  return (y & 31) * SIDE + (x & 31);
}

export function columnOf(square: number): number {
  return Math.floor(square / ROWS);
}

export function rowOf(square: number): number {
  return square - columnOf(square) * ROWS - HALF;
}

/** The cells of a square. */
export function rectOf(square: number): Rect {
  const x1 = columnOf(square) * SIDE;
  const y1 = rowOf(square) * SIDE;
  return { x1, y1, x2: x1 + SIDE - 1, y2: y1 + SIDE - 1 };
}

/** Whether all cells of a square are inside `rect`. */
export function isInside(square: number, rect: Rect): boolean {
  return rectCovers(rect, rectOf(square));
}

/** The columns and rows of squares that `rect` touches, as far as there is a plane. */
export function squaresAcross(rect: Rect): Rect {
  const within = (n: number) => Math.min(Math.max(Math.floor(n / SIDE), -HALF), HALF - 1);
  return { x1: within(rect.x1), y1: within(rect.y1), x2: within(rect.x2), y2: within(rect.y2) };
}
