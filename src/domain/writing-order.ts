import type { Cell } from './tile.ts';

/** Steps up, and down, that an order must have at least, and as a part of all, so that it is nobody else's. */
const LEAST = 8;
const PART = 0.25;

/** Counts how often a sequence goes up and how often down. */
class Steps {
  #up = 0;
  #down = 0;

  add(difference: number): void {
    if (difference > 0) this.#up += 1;
    else if (difference < 0) this.#down += 1;
  }

  /** It goes up and down as if by chance. */
  get isMixed(): boolean {
    return Math.min(this.#up, this.#down) >= Math.max(LEAST, PART * (this.#up + this.#down));
  }
}

/**
 * Tells whether the tiles of a file are in an order that only one process has: that of a hash table with a seed of its own, as in Rust. Neither
 * sorting leads to it, nor reading the file as we write it.
 */
export class WritingOrder {
  readonly #byText = new Steps();
  readonly #byColumn = new Steps();
  readonly #byRow = new Steps();
  readonly #byUs = new Steps();
  #last: { readonly key: string; readonly cell: Cell } | undefined;
  #lastIndex: number | undefined;

  /** The next entry of the file. */
  entry(key: string, cell: Cell): void {
    if (this.#last) {
      const { x, y } = this.#last.cell;
      this.#byText.add(key > this.#last.key ? 1 : -1);
      this.#byColumn.add(cell.x - x || cell.y - y);
      this.#byRow.add(cell.y - y || cell.x - x);
    }
    this.#last = { key, cell };
  }

  /** The index in the file of the next tile of the map, in the order in which we write them. */
  inMap(index: number): void {
    if (this.#lastIndex !== undefined) this.#byUs.add(index - this.#lastIndex);
    this.#lastIndex = index;
  }

  /** Whether it is one program's own. */
  get isOwn(): boolean {
    return [this.#byText, this.#byColumn, this.#byRow, this.#byUs].every((steps) => steps.isMixed);
  }
}

/** Whether those of `keys` that have an index are in its order. */
export function inOrder(keys: Iterable<string>, index: ReadonlyMap<string, number>): boolean {
  let last = -1;
  for (const key of keys) {
    const at = index.get(key);
    if (at === undefined) continue;
    if (at < last) return false;
    last = at;
  }
  return true;
}
