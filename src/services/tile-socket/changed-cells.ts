import { CellIndex } from '../../domain/cell-index.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { composeVisible } from '../../domain/history.ts';
import { WHOLE } from '../../domain/view.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';

/** With so many more changed cells than there are tiles, it is cheaper to look through all tiles. */
const TOO_MANY = 1000;

/** The cells that changed between a position in the history and its head, looked up once for all readers at that position. */
export class ChangedCells {
  readonly #copy: ManifestCopy;
  readonly #cells = new Map<Cursor, CellIndex | undefined>();
  #head: Cursor | undefined;
  /** Cells looked up so far; only grows. */
  lookedUp = 0;

  constructor(copy: ManifestCopy) {
    this.#copy = copy;
  }

  /** Undefined when any tile may have changed: the history does not reach back so far, or names too many cells. */
  since(position: Cursor): CellIndex | undefined {
    const { head } = this.#copy;
    if (this.#head !== head) this.forget();
    this.#head = head;
    if (!this.#cells.has(position)) this.#cells.set(position, this.#lookUp(position));
    return this.#cells.get(position);
  }

  /** Drops all cells. A reader that is going through some of them keeps them alive. */
  forget(): void {
    this.#cells.clear();
  }

  #lookUp(position: Cursor): CellIndex | undefined {
    const { history, manifest } = this.#copy;
    if (!history.has(position)) return undefined;
    // Readers are not told of removals: what was withdrawn need not be looked up.
    const commits = [...history.between(position)].filter(({ withdraws }) => withdraws === undefined);
    const { tiles } = composeVisible(commits, WHOLE);
    this.lookedUp += tiles.size;
    return tiles.size > TOO_MANY + manifest.tileCount ? undefined : new CellIndex(tiles.keys());
  }
}
