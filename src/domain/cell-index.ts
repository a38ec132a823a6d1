import { SquareIndex } from './square-index.ts';
import { squareOf } from './square.ts';
import { cellOf } from './tile.ts';
import { rectHas, type Rect } from './view.ts';

/** Keys of cells, found by square and by rectangle. None goes. */
export class CellIndex {
  readonly #keys = new SquareIndex<string[]>();
  readonly #squares: number[] = [];

  constructor(keys: Iterable<string> = []) {
    for (const key of keys) this.add(key);
  }

  /** Adds a key that is not there yet. */
  add(key: string): void {
    const square = squareOf(cellOf(key));
    const keys = this.#keys.get(square);
    if (keys) {
      keys.push(key);
      return;
    }
    this.#keys.set(square, [key]);
    this.#squares.push(square);
  }

  /** The keys in a square. */
  in(square: number): readonly string[] {
    return this.#keys.get(square) ?? [];
  }

  /** All squares with keys, in the order in which they got their first. */
  get squares(): readonly number[] {
    return this.#squares;
  }

  /** The squares with keys that `rect` touches (all without one). */
  squaresIn(rect?: Rect): Iterable<number> {
    return this.#keys.squaresIn(rect);
  }

  /** The keys inside `rect` (all without one), square by square. */
  *within(rect?: Rect): Generator<string, void, undefined> {
    for (const keys of this.#keys.in(rect))
      for (const key of keys) if (!rect || rectHas(rect, cellOf(key))) yield key;
  }
}
