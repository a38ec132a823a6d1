import type { Compositor } from './compositor.ts';
import { digestAfter, type Digest } from './digest.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { compose, emptyPatch, invert, type Patch } from './patch.ts';
import type { Tile } from './tile.ts';
import { addUsage, UsageCounts, type Usage } from './usage.ts';

/**
 * The manifest as it will be once the commits before this one are in the store. A batch is planned on a draft,
 * so that nobody reads what the store has not accepted yet; a batch that lost a race is dropped with its draft.
 */
export class Draft implements ManifestReader {
  readonly #base: ManifestReader;
  readonly #changes: Patch = emptyPatch();
  /** Of the changes: added to the base's. */
  readonly #usage = new UsageCounts();
  #digest: Digest;

  constructor(base: ManifestReader) {
    this.#base = base;
    this.#digest = base.digest;
  }

  get digest(): Digest {
    return this.#digest;
  }

  get usage(): Usage {
    return addUsage(this.#base.usage, this.#usage.total);
  }

  usageOf(id: string): Usage {
    return addUsage(this.#base.usageOf(id), this.#usage.of(id));
  }

  compositor(id: string): Compositor | undefined {
    const changed = this.#changes.compositors.get(id);
    return changed === undefined ? this.#base.compositor(id) : (changed ?? undefined);
  }

  tile(key: string): Tile | undefined {
    const changed = this.#changes.tiles.get(key);
    return changed === undefined ? this.#base.tile(key) : (changed ?? undefined);
  }

  *compositors(): Generator<readonly [string, Compositor], void, undefined> {
    for (const [id, entry] of this.#base.compositors())
      if (!this.#changes.compositors.has(id)) yield [id, entry];
    for (const [id, entry] of this.#changes.compositors) if (entry) yield [id, entry];
  }

  *tilesOf(id: string): Generator<string, void, undefined> {
    for (const key of this.#base.tilesOf(id)) if (!this.#changes.tiles.has(key)) yield key;
    for (const [key, tile] of this.#changes.tiles) if (tile?.compositor === id) yield key;
  }

  /** Applies `patch` and returns its inverse, which a caller that has it already gives. */
  apply(patch: Patch, undo: Patch = invert(this, patch)): Patch {
    this.#usage.countPatch(patch, undo);
    this.#digest = digestAfter(this.#digest, patch.tiles, undo.tiles);
    compose(this.#changes, patch);
    return undo;
  }
}
