import { sameCompositor, type Compositor } from './compositor.ts';
import { addTile, removeTile, type Digest } from './digest.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { composeInto, emptyPatch, type Patch } from './patch.ts';
import { sameTile, type Tile } from './tile.ts';

/**
 * The manifest as it will be once the commits before this one are in the store. A batch is planned on a draft,
 * so that nobody reads what the store has not taken yet; a refused batch is dropped with its draft.
 */
export class Draft implements ManifestReader {
  readonly #base: ManifestReader;
  readonly #changes: Patch = emptyPatch();
  #digest: Digest;

  constructor(base: ManifestReader) {
    this.#base = base;
    this.#digest = base.digest;
  }

  get digest(): Digest {
    return this.#digest;
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

  /** The part of `patch` that would change something. */
  minimal(patch: Patch): Patch {
    const part = emptyPatch();
    for (const [id, entry] of patch.compositors)
      if (!sameCompositor(this.compositor(id), entry)) part.compositors.set(id, entry);
    for (const [key, tile] of patch.tiles) if (!sameTile(this.tile(key), tile)) part.tiles.set(key, tile);
    return part;
  }

  /** Takes `patch` in and returns its inverse. */
  apply(patch: Patch): Patch {
    const undo = emptyPatch();
    for (const id of patch.compositors.keys()) undo.compositors.set(id, this.compositor(id) ?? null);
    for (const [key, tile] of patch.tiles) {
      const before = this.tile(key);
      undo.tiles.set(key, before ?? null);
      if (before) this.#digest = removeTile(this.#digest, key, before);
      if (tile) this.#digest = addTile(this.#digest, key, tile);
    }
    composeInto(this.#changes, patch);
    return undo;
  }
}
