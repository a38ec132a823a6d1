import type { Commit } from './commit.ts';
import type { Compositor } from './compositor.ts';
import { digestOf, EMPTY_DIGEST, sumOf, type Digest } from './digest.ts';
import { NO_GUARD, type MemoryGuard } from './memory-guard.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { emptyManifest, type Manifest, type Patch } from './patch.ts';
import { RegionSet } from './region-set.ts';
import { viewHasRegion, type Region } from './region.ts';
import { isInside } from './square.ts';
import { TilePlane } from './tile-plane.ts';
import type { TileBlock } from './tile-block.ts';
import type { Tile } from './tile.ts';
import { NO_HOLDINGS, UsageCounts, type Holdings, type Usage } from './usage.ts';
import { viewHasCompositor, type Rect, type View } from './view.ts';
import { Withdrawal } from './withdrawal.ts';

/** What a tile takes in its block, and what it takes in one of its own, in bytes. */
const TILE_BYTES = 32;
const BLOCK_BYTES = 512;

/** Entries of a manifest by name, in any order. */
interface Entries {
  readonly compositors: Iterable<readonly [string, Compositor]>;
  readonly tiles: Iterable<readonly [string, Tile]>;
  readonly regions: Iterable<readonly [string, Region]>;
}

/** The manifest in memory, with what makes a commit cost only itself: digest, owners and squares kept as it changes. */
export class LiveManifest implements ManifestReader {
  readonly #compositors = new Map<string, Compositor>();
  readonly #tiles = new TilePlane();
  readonly #regions = new RegionSet();
  readonly #usage = new UsageCounts();

  /** Begins as `manifest`. */
  constructor(manifest: Manifest = emptyManifest()) {
    this.add(manifest, NO_GUARD);
  }

  /** Takes in entries of a store that is being loaded. Throws what `memory` throws. */
  add({ compositors, tiles, regions }: Partial<Entries>, memory: MemoryGuard): void {
    this.#setCompositors(compositors ?? []);
    this.#setRegions(regions ?? []);
    for (const [key, tile] of tiles ?? []) {
      const squares = this.#tiles.squareCount;
      this.#setTile(key, tile);
      memory.grow(this.#tiles.squareCount > squares ? BLOCK_BYTES : TILE_BYTES);
    }
  }

  get digest(): Digest {
    return this.#tiles.digest;
  }

  get tileCount(): number {
    return this.digest.tiles;
  }

  get compositorCount(): number {
    return this.#compositors.size;
  }

  get regionCount(): number {
    return this.#regions.size;
  }

  compositor(id: string): Compositor | undefined {
    return this.#compositors.get(id);
  }

  tile(key: string): Tile | undefined {
    return this.#tiles.tile(key);
  }

  region(id: string): Region | undefined {
    return this.#regions.get(id);
  }

  regionsIn(rect?: Rect): Iterable<readonly [string, Region]> {
    return this.#regions.in(rect);
  }

  compositors(): Iterable<readonly [string, Compositor]> {
    return this.#compositors;
  }

  *tilesOf(id: string, rect?: Rect): Generator<string, void, undefined> {
    for (const [key] of this.#tiles.owned(id)?.entries(rect) ?? []) yield key;
  }

  /** How many tiles `id` owns. */
  tileCountOf(id: string): number {
    return this.#tiles.owned(id)?.size ?? 0;
  }

  get usage(): Usage {
    return this.#usage.total;
  }

  usageOf(id: string): Usage {
    return this.#usage.of(id);
  }

  holdings(id: string): Holdings {
    return this.#tiles.owned(id)?.holdings ?? NO_HOLDINGS;
  }

  apply(patch: Patch): void {
    this.#setCompositors(patch.compositors);
    this.#setRegions(patch.regions);
    for (const [key, tile] of patch.tiles) this.#setTile(key, tile);
  }

  /** Applies a commit that was made on this state. Returns it with all tiles that it withdraws, which it does not name itself. */
  commit(made: Commit): Commit {
    if (made.withdraws === undefined) {
      this.apply(made.patch);
      return made;
    }
    const { patch, undo } = this.withdraw(made.withdraws);
    this.#setCompositors(made.patch.compositors);
    this.#setRegions(made.patch.regions);
    return { ...made, patch: { ...made.patch, tiles: patch }, undo: { ...made.undo, tiles: undo } };
  }

  /**
   * Takes all tiles of `id` away at once, however many they are. {@link sweep} does the rest of the work: until then they
   * lie in the way, and nobody sees them.
   */
  withdraw(id: string): Withdrawal {
    const owned = this.#tiles.withdraw(id);
    this.#usage.countWithdrawal(id, owned.holdings);
    return new Withdrawal(owned);
  }

  /** Moves what was withdrawn out of the way, in steps between which others may run. */
  sweep(): Generator<void, void, undefined> {
    return this.#tiles.sweep();
  }

  /** The entries that `view` shows now; costs what it shows, not the map. */
  *visibleTiles({ rect, compositors }: View): Generator<readonly [string, Tile], void, undefined> {
    if (compositors) for (const id of compositors) yield* this.#tiles.owned(id)?.entries(rect) ?? [];
    else for (const block of this.#tiles.blocksIn(rect)) yield* block.entries(rect);
  }

  /** The blocks in one square whose tiles `view` shows, as far as they are inside its rectangle. */
  *blocksIn(square: number, { compositors }: View): Generator<TileBlock, void, undefined> {
    for (const block of this.#tiles.blocksAt(square))
      if (!compositors || compositors.has(block.owner.id)) yield block;
  }

  /** The entries of {@link visibleTiles} that lie in one square. */
  *visibleIn(square: number, view: View): Generator<readonly [string, Tile], void, undefined> {
    for (const block of this.blocksIn(square, view)) yield* block.entries(view.rect);
  }

  *visibleCompositors(view: View): Generator<readonly [string, Compositor], void, undefined> {
    if (!view.compositors) {
      yield* this.#compositors;
      return;
    }
    for (const id of view.compositors) {
      const entry = this.#compositors.get(id);
      if (entry && viewHasCompositor(view, id)) yield [id, entry];
    }
  }

  *visibleRegions(view: View): Generator<readonly [string, Region], void, undefined> {
    for (const entry of this.#regions.in(view.rect)) if (viewHasRegion(view, entry[1])) yield entry;
  }

  /** Whether the view shows no more than `limit` tiles, or the squares that it touches hold no more. */
  holdsAtMost({ rect, compositors }: View, limit: number): boolean {
    if (compositors) {
      let left = limit;
      for (const id of compositors) left -= this.tileCountOf(id);
      if (left >= 0 || !rect) return left >= 0;
    }
    return rect ? this.#tiles.holdsAtMost(rect, limit) : this.#tiles.held <= limit;
  }

  /** The squares that have tiles which `view` shows, and perhaps a few more. */
  squaresIn({ rect, compositors }: View): number[] {
    const owned = [...(compositors ?? [])].map((id) => this.#tiles.owned(id)?.blocks);
    const few =
      compositors && owned.reduce((sum, blocks) => sum + (blocks?.size ?? 0), 0) < this.#tiles.squareCount;
    if (!few) return [...this.#tiles.squaresIn(rect)];
    const squares = new Set<number>();
    for (const blocks of owned) for (const square of blocks?.squaresIn(rect) ?? []) squares.add(square);
    return [...squares];
  }

  /** The digest of the tiles that `view` shows; undefined when more than `limit` tiles and blocks have to be looked at. */
  digestIn(view: View, limit: number): Digest | undefined {
    const { rect, compositors } = view;
    if (!rect)
      return compositors ? sumOf([...compositors].map((id) => this.holdings(id).digest)) : this.digest;
    let looked = 0;
    let digest = EMPTY_DIGEST;
    for (const block of this.#tiles.blocksIn(rect)) {
      const isWhole = isInside(block.square, rect);
      looked += isWhole ? 1 : block.size;
      if (looked > limit) return undefined;
      if (compositors && !compositors.has(block.owner.id)) continue;
      digest = sumOf([digest, isWhole ? block.digest : digestOf(block.entries(rect))]);
    }
    return digest;
  }

  /** The squares that have tiles in `rect`, and perhaps a few more: see {@link SquareIndex.nearestFirst}. */
  nearestFirst(rect?: Rect): Iterable<number> {
    return this.#tiles.nearestFirst(rect);
  }

  /** A copy that nothing changes any more, for time travel and tests. */
  copy(): Manifest {
    return {
      compositors: new Map(this.#compositors),
      tiles: new Map(this.visibleTiles({})),
      regions: new Map(this.#regions.in()),
    };
  }

  #setCompositors(entries: Iterable<readonly [string, Compositor | null]>): void {
    for (const [id, entry] of entries) {
      const before = this.#compositors.get(id);
      if (before) this.#usage.countCompositor(before, -1);
      if (entry) this.#usage.countCompositor(entry, 1);
      if (entry) this.#compositors.set(id, entry);
      else this.#compositors.delete(id);
    }
  }

  #setRegions(entries: Iterable<readonly [string, Region | null]>): void {
    for (const [id, region] of entries) {
      const before = this.#regions.set(id, region);
      if (before) this.#usage.countRegion(before, -1);
      if (region) this.#usage.countRegion(region, 1);
    }
  }

  #setTile(key: string, tile: Tile | null): void {
    const before = this.#tiles.set(key, tile);
    if (before) this.#usage.countTile(before, -1);
    if (tile) this.#usage.countTile(tile, 1);
  }
}
