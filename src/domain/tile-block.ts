import type { Digest } from './digest.ts';
import type { SharedName } from './shared-names.ts';
import { rectOf, SIDE } from './square.ts';
import type { Tile } from './tile.ts';
import type { Rect } from './view.ts';

/** Whose tiles they are. */
export interface TileOwner {
  /** The id of the compositor. */
  readonly id: string;
  /** Nobody sees its tiles any more, and nobody changes them. */
  readonly isWithdrawn: boolean;
}

/**
 * The tiles of one compositor in one square of the plane, in columns: about 30 bytes each. A tile and its key are made when somebody
 * asks for them. The columns are arrays of numbers in the heap, which is what the memory guard looks at.
 */
export class TileBlock {
  readonly owner: TileOwner;
  readonly square: number;
  /** The block of another compositor in the same square. */
  next: TileBlock | undefined;
  /** The sum of the hashes of its tiles mod 2^32, as in a digest. */
  sum = 0;
  /** Another one after each change. */
  version = 0;
  /** Where the tiles lie in the square, ascending; the other columns have the same order. */
  readonly #cells: number[];
  readonly #names: SharedName[];
  readonly #times: number[];

  /** With its first tile. */
  constructor(owner: TileOwner, square: number, cell: number, name: SharedName, time: number) {
    this.owner = owner;
    this.square = square;
    this.#cells = [cell];
    this.#names = [name];
    this.#times = [time];
  }

  /** How many tiles there are. */
  get size(): number {
    return this.#cells.length;
  }

  /** That of its tiles. */
  get digest(): Digest {
    return { tiles: this.size, sum: this.sum };
  }

  has(cell: number): boolean {
    return this.#cells[this.#rowOf(cell)] === cell;
  }

  tile(cell: number): Tile | undefined {
    const row = this.#rowOf(cell);
    return this.#cells[row] === cell ? this.#tileAt(row) : undefined;
  }

  /** Sets the tile in a cell. Returns the name of the one that was there. */
  put(cell: number, name: SharedName, time: number): SharedName | undefined {
    const row = this.#rowOf(cell);
    this.version += 1;
    if (this.#cells[row] === cell) {
      const before = this.#names[row];
      this.#names[row] = name;
      this.#times[row] = time;
      return before;
    }
    insert(this.#cells, row, cell);
    insert(this.#names, row, name);
    insert(this.#times, row, time);
    return undefined;
  }

  /** Removes the tile in a cell. Returns its name; undefined when there is none. */
  delete(cell: number): SharedName | undefined {
    const row = this.#rowOf(cell);
    if (this.#cells[row] !== cell) return undefined;
    this.version += 1;
    this.#cells.splice(row, 1);
    this.#times.splice(row, 1);
    return this.#names.splice(row, 1)[0];
  }

  /** The names of all its tiles, one for each. */
  get names(): readonly SharedName[] {
    return this.#names;
  }

  /**
   * The tiles inside `rect` (all without one) by key, in the order of their cells. Others may change the block between two of them:
   * each tile that stays is met once.
   */
  *entries(rect?: Rect): Generator<[string, Tile], void, undefined> {
    const own = rectOf(this.square);
    // In the square. Lines above the rectangle and below it are not looked at.
    const [x1, y1, x2, y2] = rect
      ? [rect.x1 - own.x1, Math.max(rect.y1 - own.y1, 0), rect.x2 - own.x1, rect.y2 - own.y1]
      : [0, 0, SIDE - 1, SIDE - 1];
    let { version } = this;
    for (let row = this.#rowOf(y1 * SIDE); row < this.#cells.length; row++) {
      const cell = this.#cells[row]!;
      const x = cell & 31;
      const y = cell >> 5;
      if (y > y2) return;
      if (x < x1 || x > x2) continue;
      yield [`${own.x1 + x},${own.y1 + y}`, this.#tileAt(row)];
      if (version === this.version) continue;
      ({ version } = this);
      row = this.#rowOf(cell + 1) - 1;
    }
  }

  #tileAt(row: number): Tile {
    return {
      brick: this.#names[row]!.text,
      timestamp: this.#times[row]!,
      compositor: this.owner.id,
    };
  }

  /** The first row whose cell is not before `cell`. */
  #rowOf(cell: number): number {
    const cells = this.#cells;
    let low = 0;
    let high = cells.length;
    // Most often the next one is written.
    if (high > 0 && cells[high - 1]! < cell) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cells[middle]! < cell) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function insert<T>(column: T[], row: number, value: T): void {
  if (row === column.length) column.push(value);
  else column.splice(row, 0, value);
}
