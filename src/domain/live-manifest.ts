import type { Commit } from './commit.ts';
import type { Compositor } from './compositor.ts';
import { EMPTY_DIGEST, tileHash, withoutPart, type Digest } from './digest.ts';
import { NO_GUARD, type MemoryGuard } from './memory-guard.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { emptyManifest, type Manifest, type Patch } from './patch.ts';
import { STEP } from './steps.ts';
import { TileGrid } from './tile-grid.ts';
import { cellOf, type Tile } from './tile.ts';
import { tileBytes, UsageCounts, type Holdings, type Usage } from './usage.ts';
import { rectHas, viewHasCompositor, viewHasTile, type Rect, type View } from './view.ts';
import { Withdrawal } from './withdrawal.ts';

/** What a tile takes in the indexes, in bytes: up to this, in a block of its own. */
const INDEX_BYTES = 320;

/** The tiles of one compositor. */
interface Owned {
  readonly keys: Set<string>;
  /** The sum of their hashes mod 2^32, as in a digest. */
  sum: number;
  bytes: number;
}

/** The manifest in memory, with what makes a commit cost only itself: digest, owners and grid kept as it changes. */
export class LiveManifest implements ManifestReader {
  /** Also has the tiles that a withdrawal hides. */
  readonly #manifest: Manifest;
  readonly #grid = new TileGrid();
  readonly #owned = new Map<string, Owned>();
  readonly #usage = new UsageCounts();
  /** Those of which tiles still lie in the manifest, oldest first. */
  readonly #withdrawals = new Set<Withdrawal>();
  #digest: Digest = EMPTY_DIGEST;

  /** Takes `manifest` over: nobody else may change it from now on. Throws what `memory` throws. */
  constructor(manifest: Manifest = emptyManifest(), memory: MemoryGuard = NO_GUARD) {
    this.#manifest = manifest;
    for (const entry of manifest.compositors.values()) this.#usage.countCompositor(entry, 1);
    for (const [key, tile] of manifest.tiles) {
      this.#count(key, tile, 1);
      this.#grid.add(key);
      memory.grow(INDEX_BYTES);
    }
  }

  get digest(): Digest {
    return this.#digest;
  }

  get tileCount(): number {
    return this.#digest.tiles;
  }

  get compositorCount(): number {
    return this.#manifest.compositors.size;
  }

  compositor(id: string): Compositor | undefined {
    return this.#manifest.compositors.get(id);
  }

  tile(key: string): Tile | undefined {
    const tile = this.#manifest.tiles.get(key);
    return tile && this.#hider(key) ? undefined : tile;
  }

  compositors(): Iterable<readonly [string, Compositor]> {
    return this.#manifest.compositors;
  }

  tilesOf(id: string, rect?: Rect): Iterable<string> {
    const keys = this.#owned.get(id)?.keys ?? [];
    return rect ? this.#ownedIn(rect, id, keys) : keys;
  }

  /** How many tiles `id` owns. */
  tileCountOf(id: string): number {
    return this.#owned.get(id)?.keys.size ?? 0;
  }

  get usage(): Usage {
    return this.#usage.total;
  }

  usageOf(id: string): Usage {
    return this.#usage.of(id);
  }

  holdings(id: string): Holdings {
    const { keys, sum = 0, bytes = 0 } = this.#owned.get(id) ?? {};
    return { digest: { tiles: keys?.size ?? 0, sum }, bytes };
  }

  apply(patch: Patch): void {
    const { compositors, tiles } = this.#manifest;
    for (const [id, entry] of patch.compositors) {
      const before = compositors.get(id);
      if (before) this.#usage.countCompositor(before, -1);
      if (entry) this.#usage.countCompositor(entry, 1);
      if (entry) compositors.set(id, entry);
      else compositors.delete(id);
    }
    for (const [key, tile] of patch.tiles) {
      const hider = this.#hider(key);
      if (hider) this.#moveOut(key, hider);
      const before = tiles.get(key);
      if (before) this.#count(key, before, -1);
      if (tile) {
        this.#count(key, tile, 1);
        this.#grid.add(key);
        tiles.set(key, tile);
      } else if (before) {
        this.#grid.delete(key);
        tiles.delete(key);
      }
    }
  }

  /** Applies a commit that was made on this state. Returns it with all tiles that it withdraws, which it does not name itself. */
  commit(made: Commit): Commit {
    if (made.withdraws !== undefined) return this.#commitWithdrawal(made, made.withdraws);
    this.apply(made.patch);
    return made;
  }

  /**
   * Takes all tiles of `id` away at once, however many they are. {@link sweep} does the rest of the work: until then they
   * take up memory, and nobody sees them.
   */
  withdraw(id: string): Withdrawal {
    const holdings = this.holdings(id);
    this.#usage.countWithdrawal(id, holdings);
    this.#digest = withoutPart(this.#digest, holdings.digest);
    const keys = this.#owned.get(id)?.keys ?? new Set<string>();
    this.#owned.delete(id);
    const base = { tiles: this.#manifest.tiles, grid: this.#grid };
    const withdrawal = new Withdrawal(id, keys, holdings.bytes, base);
    if (keys.size > 0) this.#withdrawals.add(withdrawal);
    return withdrawal;
  }

  /** Moves what was withdrawn out of the way, in steps between which others may run. */
  *sweep(): Generator<void, void, undefined> {
    let moved = 0;
    for (const withdrawal of this.#withdrawals) {
      for (const key of withdrawal.rest()) {
        // Before the first, too: whoever withdrew has done enough in one turn.
        if (moved++ % STEP === 0) yield;
        if (withdrawal.hides(key)) this.#moveOut(key, withdrawal);
      }
    }
  }

  /** The entries that `view` shows now; costs what it shows, not the map. */
  *visibleTiles(view: View): Generator<readonly [string, Tile], void, undefined> {
    for (const key of this.#candidates(view)) {
      const tile = this.tile(key);
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
    if (!view.compositors) return this.#manifest.tiles.size <= limit;
    let left = limit;
    for (const id of view.compositors) left -= this.tileCountOf(id);
    return left >= 0;
  }

  /** See {@link TileGrid.blocksIn}. Some of their tiles may be hidden by now. */
  blocksIn(rect: Rect | undefined) {
    return this.#grid.blocksIn(rect);
  }

  /** See {@link TileGrid.nearestFirst}. Some of their tiles may be hidden by now. */
  blocks(rect?: Rect): Iterable<Iterable<string>> {
    return this.#grid.nearestFirst(rect);
  }

  /** A copy that nothing changes any more, for time travel and tests. */
  copy(): Manifest {
    return { compositors: new Map(this.#manifest.compositors), tiles: new Map(this.visibleTiles({})) };
  }

  #commitWithdrawal(made: Commit, id: string): Commit {
    const { patch, undo } = this.withdraw(id);
    this.apply({ compositors: made.patch.compositors, tiles: new Map() });
    return {
      ...made,
      patch: { ...made.patch, tiles: patch },
      undo: { ...made.undo, tiles: undo },
    };
  }

  *#ownedIn(rect: Rect, id: string, keys: Iterable<string>): Generator<string, void, undefined> {
    // Whichever is fewer: what it owns, or what lies there.
    const few = this.tileCountOf(id);
    if (this.#grid.holdsAtMost(rect, few)) {
      for (const key of this.#grid.within(rect)) if (this.tile(key)?.compositor === id) yield key;
    } else {
      for (const key of keys) if (rectHas(rect, cellOf(key))) yield key;
    }
  }

  *#candidates(view: View): Generator<string, void, undefined> {
    if (view.rect) yield* this.#grid.within(view.rect);
    else if (view.compositors) for (const id of view.compositors) yield* this.tilesOf(id);
    else yield* this.#manifest.tiles.keys();
  }

  /** The withdrawal that took the tile away which still lies under `key`. */
  #hider(key: string): Withdrawal | undefined {
    if (this.#withdrawals.size === 0) return undefined;
    for (const withdrawal of this.#withdrawals) if (withdrawal.hides(key)) return withdrawal;
    return undefined;
  }

  #moveOut(key: string, withdrawal: Withdrawal): void {
    withdrawal.move(key, this.#manifest.tiles.get(key)!);
    this.#manifest.tiles.delete(key);
    this.#grid.delete(key);
    if (withdrawal.left === 0) this.#withdrawals.delete(withdrawal);
  }

  /** Counts a tile that comes (1) or goes (-1). */
  #count(key: string, tile: Tile, sign: 1 | -1): void {
    const hash = sign * tileHash(key, tile);
    this.#digest = { tiles: this.#digest.tiles + sign, sum: (this.#digest.sum + hash) >>> 0 };
    this.#usage.countTile(tile, sign);
    const id = tile.compositor;
    let owned = this.#owned.get(id);
    if (!owned) this.#owned.set(id, (owned = { keys: new Set(), sum: 0, bytes: 0 }));
    owned.sum = (owned.sum + hash) >>> 0;
    owned.bytes += sign * tileBytes(tile);
    if (sign === 1) owned.keys.add(key);
    else owned.keys.delete(key);
    if (owned.keys.size === 0) this.#owned.delete(id);
  }
}
