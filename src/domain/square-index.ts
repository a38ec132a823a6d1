import { columnOf, rowOf, SIDE, squareAt, squaresAcross } from './square.ts';
import type { Rect } from './view.ts';

/** Squares that are at most so many from a point, left or right and up or down, are near it. */
const NEAR = 24;

/** What lies in each square of the plane, found by rectangle without a look at all of it. */
export class SquareIndex<T> {
  readonly #entries = new Map<number, T>();

  get size(): number {
    return this.#entries.size;
  }

  get(square: number): T | undefined {
    return this.#entries.get(square);
  }

  set(square: number, value: T): void {
    this.#entries.set(square, value);
  }

  delete(square: number): void {
    this.#entries.delete(square);
  }

  /** What lies in the squares that `rect` touches (in all without one). */
  *in(rect?: Rect): Generator<T, void, undefined> {
    for (const [, value] of this.#in(rect)) yield value;
  }

  /** The squares that `rect` touches (all without one), of those in which something lies. */
  *squaresIn(rect?: Rect): Generator<number, void, undefined> {
    for (const [square] of this.#in(rect)) yield square;
  }

  /**
   * The same squares. First come those {@link NEAR} the centre of `rect` (or 0,0), the nearest first, and then the others in any
   * order: to sort a million would hold up everybody.
   */
  *nearestFirst(rect?: Rect): Generator<number, void, undefined> {
    const cx = rect ? (rect.x1 + rect.x2) / 2 / SIDE : 0;
    const cy = rect ? (rect.y1 + rect.y2) / 2 / SIDE : 0;
    const right = (square: number) => columnOf(square) + 0.5 - cx;
    const down = (square: number) => rowOf(square) + 0.5 - cy;
    const isNear = (square: number) => Math.abs(right(square)) <= NEAR && Math.abs(down(square)) <= NEAR;
    const distance = (square: number) => right(square) ** 2 + down(square) ** 2;
    const nearRect = intersection(around(cx, cy), rect);
    const near = [...this.squaresIn(nearRect)].filter(isNear);
    yield* near.sort((a, b) => distance(a) - distance(b));
    for (const square of this.squaresIn(rect)) if (!isNear(square)) yield square;
  }

  *#in(rect: Rect | undefined): Generator<readonly [square: number, value: T], void, undefined> {
    if (!rect) {
      yield* this.#entries;
      return;
    }
    const { x1, y1, x2, y2 } = squaresAcross(rect);
    // A rectangle may be as large as the plane: walk whichever is fewer, its squares or ours.
    if ((x2 - x1 + 1) * (y2 - y1 + 1) > this.#entries.size) {
      for (const entry of this.#entries) {
        const [column, row] = [columnOf(entry[0]), rowOf(entry[0])];
        if (column >= x1 && column <= x2 && row >= y1 && row <= y2) yield entry;
      }
      return;
    }
    for (let row = y1; row <= y2; row++) {
      for (let column = x1; column <= x2; column++) {
        const square = squareAt(column, row);
        const value = this.#entries.get(square);
        if (value !== undefined) yield [square, value];
      }
    }
  }
}

/** A rectangle with all squares that are {@link NEAR} a point, which is in squares. */
function around(cx: number, cy: number): Rect {
  const [x, y] = [cx * SIDE, cy * SIDE];
  const reach = (NEAR + 1) * SIDE;
  return { x1: x - reach, y1: y - reach, x2: x + reach, y2: y + reach };
}

/** Of two that meet. */
function intersection(a: Rect, b: Rect = a): Rect {
  return {
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
    x2: Math.min(a.x2, b.x2),
    y2: Math.min(a.y2, b.y2),
  };
}
