import type { Compositor } from './compositor.ts';
import type { Cursor } from './cursor.ts';
import type { History } from './history.ts';
import type { LiveManifest } from './live-manifest.ts';
import { viewHasRegion, type Region } from './region.ts';
import { Rewind } from './rewind.ts';
import { isInside } from './square.ts';
import { patchSize } from './patch.ts';
import { finish } from './steps.ts';
import type { TileBlock } from './tile-block.ts';
import type { Tile } from './tile.ts';
import { viewHasCompositor, viewHasTile, type View } from './view.ts';

/** Entries by name. */
type Entries<T> = Iterable<readonly [string, T]>;

/** Tiles of one square: blocks of which all tiles are visible, as they are now, and other tiles one by one. */
export interface TileGroup {
  readonly square: number;
  readonly blocks: readonly TileBlock[];
  readonly tiles: Entries<Tile>;
}

/** Compositors read in one go; an entry may have 100 KB. */
const COMPOSITORS_AT_ONCE = 8;

/**
 * The manifest as it was at one cursor: the live one with everything after that undone. Reads cost what they show. It stays
 * the same however many commits are applied while it is read.
 */
export class ManifestAt {
  readonly cursor: Cursor;
  /** When the commit of `cursor` was made, milliseconds since 1970; 0 for the empty history. */
  readonly committedAt: number;
  readonly #live: LiveManifest;
  readonly #rewind: Rewind;

  /** `cursor` is a position of `history`, whose head is that of `live`. */
  constructor(live: LiveManifest, history: History, cursor: Cursor) {
    this.#live = live;
    this.cursor = cursor;
    this.committedAt = history.at(cursor)?.committedAt ?? 0;
    this.#rewind = new Rewind(history, cursor);
  }

  /** See {@link Rewind.catchUp}: before a group is read, and before any other read that must not take long. */
  catchUp(): Generator<void, void, undefined> {
    return this.#rewind.catchUp();
  }

  /** The squares in which tiles have changed since, in the order in which they were taken up; it only grows. */
  get changedSquares(): readonly number[] {
    return this.#rewind.changed.squares;
  }

  /** Whether the view shows no more than `limit` entries, or the squares that it touches hold no more. */
  isSmall(view: View, limit: number): boolean {
    const { undo, isCurrent } = this.#rewind;
    if (!isCurrent) return false;
    const compositors = view.compositors?.size ?? this.#live.compositorCount;
    return this.#live.holdsAtMost(view, limit - patchSize(undo) - compositors - this.#live.regionCount);
  }

  tile(key: string): Tile | undefined {
    finish(this.#rewind.catchUp());
    const before = this.#rewind.undo.tiles.get(key);
    return before === undefined ? this.#live.tile(key) : (before ?? undefined);
  }

  *tiles(view: View): Generator<readonly [string, Tile], void, undefined> {
    finish(this.#rewind.catchUp());
    const { tiles } = this.#rewind.undo;
    for (const entry of this.#live.visibleTiles(view)) if (!tiles.has(entry[0])) yield entry;
    for (const [key, tile] of tiles) if (tile && viewHasTile(view, key, tile)) yield [key, tile];
  }

  *compositors(view: View): Generator<readonly [string, Compositor], void, undefined> {
    finish(this.#rewind.catchUp());
    const { compositors } = this.#rewind.undo;
    for (const entry of this.#live.visibleCompositors(view)) if (!compositors.has(entry[0])) yield entry;
    for (const [id, entry] of compositors) if (entry && viewHasCompositor(view, id)) yield [id, entry];
  }

  /** There are few, however large the map is. */
  *regions(view: View): Generator<readonly [string, Region], void, undefined> {
    finish(this.#rewind.catchUp());
    const { regions } = this.#rewind.undo;
    for (const entry of this.#live.visibleRegions(view)) if (!regions.has(entry[0])) yield entry;
    for (const [id, region] of regions) if (region && viewHasRegion(view, region)) yield [id, region];
  }

  /**
   * The tiles in groups of at most a few thousand. Commits may be applied between two groups; then {@link catchUp} has to run
   * to its end, and the next group be read at once.
   */
  *tileGroups(view: View): Generator<TileGroup, void, undefined> {
    // A tile that was there and has not changed by now is in a square that is listed now.
    const squares = this.#live.squaresIn(view);
    const others = new Set(this.#rewind.changed.squaresIn(view.rect));
    for (const square of squares) others.delete(square);
    for (const square of squares) yield this.#inSquare(square, view);
    for (const square of others) yield this.#inSquare(square, view);
  }

  /** The same with compositors, in groups of a few. */
  *compositorGroups(view: View): Generator<Entries<Compositor>, void, undefined> {
    const { undo } = this.#rewind;
    const ids = new Set(undo.compositors.keys());
    for (const [id] of this.#live.visibleCompositors(view)) ids.add(id);
    const all = [...ids];
    for (let at = 0; at < all.length; at += COMPOSITORS_AT_ONCE) {
      const group: [string, Compositor][] = [];
      for (const id of all.slice(at, at + COMPOSITORS_AT_ONCE)) {
        const changed = undo.compositors.get(id);
        const entry = changed === undefined ? this.#live.compositor(id) : changed;
        if (entry && viewHasCompositor(view, id)) group.push([id, entry]);
      }
      yield group;
    }
  }

  #inSquare(square: number, view: View): TileGroup {
    const blocks = [...this.#live.blocksIn(square, view)];
    const isWhole = !view.rect || isInside(square, view.rect);
    if (isWhole && this.#rewind.changed.in(square).length === 0) return { square, blocks, tiles: [] };
    return { square, blocks: [], tiles: this.#tilesIn(square, blocks, view) };
  }

  *#tilesIn(square: number, blocks: Iterable<TileBlock>, view: View): Entries<Tile> {
    const { undo, changed } = this.#rewind;
    for (const block of blocks)
      for (const entry of block.entries(view.rect)) if (!undo.tiles.has(entry[0])) yield entry;
    for (const key of changed.in(square)) {
      const tile = undo.tiles.get(key);
      if (tile && viewHasTile(view, key, tile)) yield [key, tile];
    }
  }
}
