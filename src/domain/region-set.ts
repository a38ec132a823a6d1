import { RectGrid } from './rect-grid.ts';
import { rectOfRegion, type Region } from './region.ts';
import type { Rect } from './view.ts';

type Entry = readonly [id: string, region: Region];

interface Placed {
  readonly entry: Entry;
  readonly rect: Rect;
}

/** Regions by id, found by rectangle without a look at all of them. */
export class RegionSet {
  readonly #regions = new Map<string, Placed>();
  readonly #grid = new RectGrid<Placed>();

  get size(): number {
    return this.#regions.size;
  }

  get(id: string): Region | undefined {
    return this.#regions.get(id)?.entry[1];
  }

  /** Sets a region, or removes it. Returns the one that was there. */
  set(id: string, region: Region | null): Region | undefined {
    const before = this.#regions.get(id);
    if (before) this.#grid.delete(before, before.rect);
    if (region) {
      const placed: Placed = { entry: [id, region], rect: rectOfRegion(region) };
      this.#regions.set(id, placed);
      this.#grid.add(placed, placed.rect);
    } else {
      this.#regions.delete(id);
    }
    return before?.entry[1];
  }

  /** Those that touch `rect` (all without one). */
  *in(rect?: Rect): Generator<Entry, void, undefined> {
    if (!rect) {
      for (const { entry } of this.#regions.values()) yield entry;
      return;
    }
    if (this.#regions.size === 0) return;
    for (const { entry } of new Set(this.#grid.touching(rect))) yield entry;
  }
}
