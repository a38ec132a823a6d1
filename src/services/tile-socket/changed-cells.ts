import type { Cursor } from '../../domain/cursor.ts';
import { TileGrid } from '../../domain/tile-grid.ts';
import { WHOLE, type View } from '../../domain/view.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';

/** A list this short is looked through by every reader: a grid of it would cost more. */
const SHORT = 64;
/** With so many more changed cells than there are tiles, it is cheaper to look through all tiles. */
const TOO_MANY = 1000;

/** The cells that changed between a position in the history and its head, looked up once for all readers at that position. */
export class ChangedCells {
  readonly #copy: ManifestCopy;
  readonly #lists = new Map<Cursor, CellList | undefined>();
  #head: Cursor | undefined;
  /** Cells looked up so far; only grows. */
  lookedUp = 0;

  constructor(copy: ManifestCopy) {
    this.#copy = copy;
  }

  /** Undefined when any tile may have changed: the history does not reach back so far, or names too many cells. */
  since(position: Cursor): CellList | undefined {
    const { head } = this.#copy;
    if (this.#head !== head) this.forget();
    this.#head = head;
    if (!this.#lists.has(position)) this.#lists.set(position, this.#lookUp(position));
    return this.#lists.get(position);
  }

  /** Drops all lists. A reader that is going through one of them keeps it alive. */
  forget(): void {
    this.#lists.clear();
  }

  #lookUp(position: Cursor): CellList | undefined {
    const { history, manifest } = this.#copy;
    if (!history.has(position)) return undefined;
    const { tiles } = history.changes(position, WHOLE);
    this.lookedUp += tiles.size;
    return tiles.size > TOO_MANY + manifest.tileCount ? undefined : new CellList([...tiles.keys()]);
  }
}

/** Keys of cells, each once: one list for all readers that go through it. */
class CellList {
  readonly #keys: readonly string[];
  #grid: TileGrid | undefined;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  /** The cells that `view` may show; for a rectangle, without a look at the others. */
  within({ rect }: View): Iterator<string, unknown, undefined> {
    if (!rect || this.#keys.length <= SHORT) return this.#keys.values();
    if (!this.#grid) {
      this.#grid = new TileGrid();
      for (const key of this.#keys) this.#grid.add(key);
    }
    return this.#grid.within(rect);
  }
}
