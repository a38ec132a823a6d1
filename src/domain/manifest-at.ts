import type { Compositor } from './compositor.ts';
import type { Cursor } from './cursor.ts';
import type { LiveManifest } from './live-manifest.ts';
import { emptyPatch, type Patch } from './patch.ts';
import type { Tile } from './tile.ts';
import { viewHasCompositor, viewHasTile, type View } from './view.ts';

/** The manifest as it was at one cursor: the live one with everything after that undone. Reads cost what they show. */
export class ManifestAt {
  readonly cursor: Cursor;
  /** When the commit of `cursor` was made, milliseconds since 1970; 0 for the empty history. */
  readonly committedAt: number;
  readonly #live: LiveManifest;
  readonly #undo: Patch;

  constructor(live: LiveManifest, cursor: Cursor, committedAt: number, undo: Patch = emptyPatch()) {
    this.#live = live;
    this.cursor = cursor;
    this.committedAt = committedAt;
    this.#undo = undo;
  }

  *tiles(view: View): Generator<readonly [string, Tile], void, undefined> {
    for (const entry of this.#live.visibleTiles(view)) if (!this.#undo.tiles.has(entry[0])) yield entry;
    for (const [key, tile] of this.#undo.tiles) if (tile && viewHasTile(view, key, tile)) yield [key, tile];
  }

  *compositors(view: View): Generator<readonly [string, Compositor], void, undefined> {
    for (const entry of this.#live.visibleCompositors(view))
      if (!this.#undo.compositors.has(entry[0])) yield entry;
    for (const [id, entry] of this.#undo.compositors)
      if (entry && viewHasCompositor(view, id)) yield [id, entry];
  }
}
