import type { Compositor } from './compositor.ts';
import { addTile, digestAfter, removeTile, withoutPart, type Digest } from './digest.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { compose, emptyPatch, invert, type MutablePatch, type Patch } from './patch.ts';
import { RegionSet } from './region-set.ts';
import type { Region } from './region.ts';
import { cellOf, type Tile } from './tile.ts';
import { addUsage, NO_HOLDINGS, tileBytes, UsageCounts, type Holdings, type Usage } from './usage.ts';
import { rectHas, type Rect } from './view.ts';

/**
 * The manifest as it will be once the commits before this one are in the store. A batch is planned on a draft,
 * so that nobody reads what the store has not accepted yet; a batch that lost a race is dropped with its draft.
 */
export class Draft implements ManifestReader {
  readonly #base: ManifestReader;
  readonly #changes: MutablePatch = emptyPatch();
  /** The regions of the changes. */
  readonly #regions = new RegionSet();
  /** Of the changes: added to the base's. */
  readonly #usage = new UsageCounts();
  /** Compositors whose tiles in the base are gone. */
  readonly #withdrawn = new Set<string>();
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
    return changed === undefined ? this.#baseTile(key) : (changed ?? undefined);
  }

  region(id: string): Region | undefined {
    return this.#changes.regions.has(id) ? this.#regions.get(id) : this.#base.region(id);
  }

  *regionsIn(rect?: Rect): Generator<readonly [string, Region], void, undefined> {
    for (const entry of this.#base.regionsIn(rect)) if (!this.#changes.regions.has(entry[0])) yield entry;
    yield* this.#regions.in(rect);
  }

  *compositors(): Generator<readonly [string, Compositor], void, undefined> {
    for (const [id, entry] of this.#base.compositors())
      if (!this.#changes.compositors.has(id)) yield [id, entry];
    for (const [id, entry] of this.#changes.compositors) if (entry) yield [id, entry];
  }

  *tilesOf(id: string, rect?: Rect): Generator<string, void, undefined> {
    if (!this.#withdrawn.has(id))
      for (const key of this.#base.tilesOf(id, rect)) if (!this.#changes.tiles.has(key)) yield key;
    for (const [key, tile] of this.#changes.tiles)
      if (tile?.compositor === id && (!rect || rectHas(rect, cellOf(key)))) yield key;
  }

  holdings(id: string): Holdings {
    let { digest, bytes } = this.#withdrawn.has(id) ? NO_HOLDINGS : this.#base.holdings(id);
    for (const [key, tile] of this.#changes.tiles) {
      const before = this.#baseTile(key);
      if (before?.compositor === id) {
        digest = removeTile(digest, key, before);
        bytes -= tileBytes(before);
      }
      if (tile?.compositor !== id) continue;
      digest = addTile(digest, key, tile);
      bytes += tileBytes(tile);
    }
    return { digest, bytes };
  }

  /** Takes all tiles of `id` away, without naming them. */
  withdraw(id: string): void {
    const holdings = this.holdings(id);
    this.#usage.countWithdrawal(id, holdings);
    this.#digest = withoutPart(this.#digest, holdings.digest);
    for (const [key, tile] of this.#changes.tiles)
      if (tile?.compositor === id) this.#changes.tiles.set(key, null);
    this.#withdrawn.add(id);
  }

  /** Applies `patch` and returns its inverse, which a caller that has it already gives. */
  apply(patch: Patch, undo: Patch = invert(this, patch)): Patch {
    this.#usage.countPatch(patch, undo);
    this.#digest = digestAfter(this.#digest, patch.tiles, undo.tiles);
    compose(this.#changes, patch);
    for (const [id, region] of patch.regions) this.#regions.set(id, region);
    return undo;
  }

  #baseTile(key: string): Tile | undefined {
    const tile = this.#base.tile(key);
    return tile && this.#withdrawn.has(tile.compositor) ? undefined : tile;
  }
}
