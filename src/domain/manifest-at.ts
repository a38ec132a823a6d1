import type { Compositor } from './compositor.ts';
import type { Cursor } from './cursor.ts';
import type { History } from './history.ts';
import type { LiveManifest } from './live-manifest.ts';
import { Rewind } from './rewind.ts';
import { finish } from './steps.ts';
import type { Tile } from './tile.ts';
import { viewHasCompositor, viewHasTile, type View } from './view.ts';

/** Entries by name. */
type Entries<T> = Iterable<readonly [string, T]>;

/** So many tiles are listed in one go, to find those of few owners without a look at the whole map. */
const LISTED = 20_000;
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

  /** Whether the view shows no more than `limit` entries, or the blocks that it touches hold no more. */
  isSmall(view: View, limit: number): boolean {
    const { undo, isCurrent } = this.#rewind;
    if (!isCurrent) return false;
    const changed = undo.tiles.size + undo.compositors.size;
    const compositors = view.compositors?.size ?? this.#live.compositorCount;
    return this.#live.holdsAtMost(view, limit - changed - compositors);
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

  /**
   * The tiles in groups of about a thousand. Commits may be applied between two groups; then {@link catchUp} has to run
   * to its end, and the next group be read at once.
   */
  *tileGroups(view: View): Generator<Entries<Tile>, void, undefined> {
    const { undo } = this.#rewind;
    if (!view.rect && view.compositors && undo.tiles.size <= LISTED && this.#live.holdsAtMost(view, LISTED)) {
      // By owner: each key that was theirs, whoever owns it when it is reached. A longer list would take too long to make.
      const keys = [...undo.tiles.keys()];
      for (const id of view.compositors)
        for (const key of this.#live.tilesOf(id)) if (!undo.tiles.has(key)) keys.push(key);
      for (let at = 0; at < keys.length; at += 1000) yield this.#named(keys.slice(at, at + 1000), view);
      return;
    }
    // A tile that was there and has not changed by now is in a block that is there now.
    const blocks = this.#live.blocksIn(view.rect);
    const emptied = new Set(this.#rewind.blocks());
    for (const block of blocks) emptied.delete(block.name);
    for (const block of blocks) yield this.#inBlock(block, view);
    for (const name of emptied) yield this.#inBlock({ name, keys: [] }, view);
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

  *#named(keys: readonly string[], view: View): Generator<readonly [string, Tile], void, undefined> {
    for (const key of keys) {
      const changed = this.#rewind.undo.tiles.get(key);
      const tile = changed === undefined ? this.#live.tile(key) : changed;
      if (tile && viewHasTile(view, key, tile)) yield [key, tile];
    }
  }

  *#inBlock(
    { name, keys }: { readonly name: string; readonly keys: Iterable<string> },
    view: View,
  ): Generator<readonly [string, Tile], void, undefined> {
    const { tiles } = this.#rewind.undo;
    for (const key of keys) {
      const tile = tiles.has(key) ? undefined : this.#live.tile(key);
      if (tile && viewHasTile(view, key, tile)) yield [key, tile];
    }
    for (const key of this.#rewind.changedIn(name)) {
      const tile = tiles.get(key);
      if (tile && viewHasTile(view, key, tile)) yield [key, tile];
    }
  }
}
