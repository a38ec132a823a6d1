import type { Compositor } from './compositor.ts';
import { addTile, digestOf, EMPTY_DIGEST, removeTile, type Digest } from './digest.ts';
import { NO_GUARD, type MemoryGuard } from './memory-guard.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { apply, copyManifest, emptyManifest, type Manifest, type Patch } from './patch.ts';
import { TileGrid } from './tile-grid.ts';
import type { Tile } from './tile.ts';
import { UsageCounts, type Usage } from './usage.ts';
import { viewHasCompositor, viewHasTile, type Rect, type View } from './view.ts';

/** What a tile takes in the indexes, in bytes: up to this, in a block of its own. */
const INDEX_BYTES = 320;

/** The manifest in memory, with what makes a commit cost only itself: digest, owners and grid kept as it changes. */
export class LiveManifest implements ManifestReader {
  readonly #manifest: Manifest;
  readonly #grid = new TileGrid();
  readonly #owners = new Map<string, Set<string>>();
  readonly #usage = new UsageCounts();
  #digest: Digest = EMPTY_DIGEST;

  /** Takes `manifest` over: nobody else may change it from now on. Throws what `memory` throws. */
  constructor(manifest: Manifest = emptyManifest(), memory: MemoryGuard = NO_GUARD) {
    this.#manifest = manifest;
    for (const entry of manifest.compositors.values()) this.#usage.countCompositor(entry, 1);
    for (const [key, tile] of manifest.tiles) {
      this.#index(key, tile);
      memory.grow(INDEX_BYTES);
    }
    this.#digest = digestOf(manifest.tiles);
  }

  get digest(): Digest {
    return this.#digest;
  }

  get tileCount(): number {
    return this.#manifest.tiles.size;
  }

  get compositorCount(): number {
    return this.#manifest.compositors.size;
  }

  compositor(id: string): Compositor | undefined {
    return this.#manifest.compositors.get(id);
  }

  tile(key: string): Tile | undefined {
    return this.#manifest.tiles.get(key);
  }

  compositors(): Iterable<readonly [string, Compositor]> {
    return this.#manifest.compositors;
  }

  tilesOf(id: string): Iterable<string> {
    return this.#owners.get(id) ?? [];
  }

  /** How many tiles `id` owns. */
  tileCountOf(id: string): number {
    return this.#owners.get(id)?.size ?? 0;
  }

  get usage(): Usage {
    return this.#usage.total;
  }

  usageOf(id: string): Usage {
    return this.#usage.of(id);
  }

  apply(patch: Patch): void {
    for (const [id, entry] of patch.compositors) {
      const before = this.#manifest.compositors.get(id);
      if (before) this.#usage.countCompositor(before, -1);
      if (entry) this.#usage.countCompositor(entry, 1);
    }
    for (const [key, tile] of patch.tiles) {
      const before = this.#manifest.tiles.get(key);
      if (before) {
        this.#digest = removeTile(this.#digest, key, before);
        this.#disown(key, before);
        if (!tile) this.#grid.delete(key);
      }
      if (tile) {
        this.#digest = addTile(this.#digest, key, tile);
        this.#index(key, tile);
      }
    }
    apply(this.#manifest, patch);
  }

  /** The entries that `view` shows now; costs what it shows, not the map. */
  *visibleTiles(view: View): Generator<readonly [string, Tile], void, undefined> {
    for (const key of this.#candidates(view)) {
      const tile = this.#manifest.tiles.get(key);
      if (tile && viewHasTile(view, key, tile)) yield [key, tile];
    }
  }

  *visibleCompositors(view: View): Generator<readonly [string, Compositor], void, undefined> {
    if (!view.compositors) {
      yield* this.#manifest.compositors;
      return;
    }
    for (const id of view.compositors) {
      const entry = this.#manifest.compositors.get(id);
      if (entry && viewHasCompositor(view, id)) yield [id, entry];
    }
  }

  /** Whether the view shows no more than `limit` tiles, or the blocks that it touches hold no more. */
  holdsAtMost(view: View, limit: number): boolean {
    if (view.rect) return this.#grid.holdsAtMost(view.rect, limit);
    if (!view.compositors) return this.tileCount <= limit;
    let left = limit;
    for (const id of view.compositors) left -= this.tileCountOf(id);
    return left >= 0;
  }

  /** See {@link TileGrid.blocksIn}. */
  blocksIn(rect: Rect | undefined) {
    return this.#grid.blocksIn(rect);
  }

  /** See {@link TileGrid.nearestFirst}. */
  blocks(rect?: Rect): Iterable<string>[] {
    return this.#grid.nearestFirst(rect);
  }

  /** A copy that nothing changes any more, for time travel and tests. */
  copy(): Manifest {
    return copyManifest(this.#manifest);
  }

  *#candidates(view: View): Generator<string, void, undefined> {
    if (view.rect) yield* this.#grid.within(view.rect);
    else if (view.compositors) for (const id of view.compositors) yield* this.tilesOf(id);
    else yield* this.#manifest.tiles.keys();
  }

  #index(key: string, tile: Tile): void {
    this.#grid.add(key);
    this.#usage.countTile(tile, 1);
    let keys = this.#owners.get(tile.compositor);
    if (!keys) this.#owners.set(tile.compositor, (keys = new Set()));
    keys.add(key);
  }

  #disown(key: string, tile: Tile): void {
    this.#usage.countTile(tile, -1);
    const owner = tile.compositor;
    const keys = this.#owners.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#owners.delete(owner);
  }
}
