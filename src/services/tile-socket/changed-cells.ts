import { TileGrid } from '../../domain/tile-grid.ts';
import type { View } from '../../domain/view.ts';

/** So few are looked at by every reader: to sort them by place would cost more. */
const FEW = 64;

/** Cells that changed, each once and in order: one list, however many readers go through it. */
export class ChangedCells {
  readonly #keys: readonly string[];
  #grid: TileGrid | undefined;

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys];
  }

  /** Those that `view` may show; those of a rectangle without a look at the others. */
  in({ rect }: View): Iterator<string, unknown, undefined> {
    return rect && this.#keys.length > FEW ? this.#places().within(rect) : this.#keys.values();
  }

  #places(): TileGrid {
    if (!this.#grid) {
      this.#grid = new TileGrid();
      for (const key of this.#keys) this.#grid.add(key);
    }
    return this.#grid;
  }
}
