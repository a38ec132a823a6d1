import type { Cursor } from '../../domain/cursor.ts';
import { WHOLE } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import { ChangedCells } from './changed-cells.ts';

/** With so many more changed cells than there are tiles, to look at all the tiles is less. */
const MORE = 1000;

/** What changed between a place in the log and its head: looked up once for all readers that are in that place. */
export class Changes {
  readonly #replica: Replica;
  readonly #since = new Map<Cursor, ChangedCells | undefined>();
  #head: Cursor | undefined;
  /** Cells looked up so far; only grows. */
  looked = 0;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** Undefined when any tile may have changed: the log does not reach back so far, or has too much to say. */
  since(place: Cursor): ChangedCells | undefined {
    const { head } = this.#replica;
    if (this.#head !== head) this.forget();
    this.#head = head;
    if (!this.#since.has(place)) this.#since.set(place, this.#look(place));
    return this.#since.get(place);
  }

  /** Readers that are in the middle of it hold it themselves. */
  forget(): void {
    this.#since.clear();
  }

  #look(place: Cursor): ChangedCells | undefined {
    const { history, manifest } = this.#replica;
    if (!history.has(place)) return undefined;
    const { tiles } = history.changes(place, WHOLE);
    this.looked += tiles.size;
    return tiles.size > MORE + manifest.tileCount ? undefined : new ChangedCells(tiles.keys());
  }
}
