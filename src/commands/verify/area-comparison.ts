import { differences } from '../../conformance/differences.ts';
import { areasOf, type Area } from '../../domain/area.ts';
import type { Cursor } from '../../domain/cursor.ts';
import type { Tile } from '../../domain/tile.ts';
import { viewHasTile, type View } from '../../domain/view.ts';

type Tiles = readonly (readonly [string, Tile])[];

/** What an overview showed at a cursor, and who is to know how that differs from the tiles. */
interface OverviewAt {
  readonly view: View;
  readonly areas: ReadonlyMap<string, Area>;
  readonly compared: (differences: readonly string[]) => void;
}

/** Cursors whose copies are kept until another reader comes to the same one. */
const MOST_CURSORS = 500;

/**
 * Compares what overviews show at a cursor with the areas of the tiles that readers of the same square, at whatever URL, hold at
 * the same cursor. Readers that get several commits at once pass over some cursors: those are not compared.
 */
export class AreaComparison {
  readonly #tiles = new Map<Cursor, Tiles>();
  readonly #waiting = new Map<Cursor, OverviewAt[]>();

  /** An exact copy of the square at `cursor`. */
  takeTiles(cursor: Cursor, tiles: ReadonlyMap<string, Tile>): void {
    if (this.#tiles.has(cursor)) return;
    const copy = [...tiles];
    keep(this.#tiles, cursor, copy);
    for (const overview of this.#waiting.get(cursor) ?? []) compare(overview, copy);
    this.#waiting.delete(cursor);
  }

  /** An exact overview of the square, or of some compositors in it, at `cursor`. */
  takeAreas(cursor: Cursor, overview: OverviewAt): void {
    const tiles = this.#tiles.get(cursor);
    if (tiles) compare(overview, tiles);
    else
      keep(this.#waiting, cursor, [
        ...(this.#waiting.get(cursor) ?? []),
        { ...overview, areas: new Map(overview.areas) },
      ]);
  }
}

function keep<T>(copies: Map<Cursor, T>, cursor: Cursor, copy: T): void {
  copies.set(cursor, copy);
  for (const oldest of copies.keys()) {
    if (copies.size <= MOST_CURSORS) break;
    copies.delete(oldest);
  }
}

function compare({ view, areas, compared }: OverviewAt, tiles: Tiles): void {
  const selected = tiles.filter(([key, tile]) => viewHasTile(view, key, tile));
  const expected = Object.fromEntries(areasOf(selected, view.zoom ?? 0));
  const none = new Map<string, never>();
  compared(differences({ compositors: none, tiles: none, areas }, { compositors: {}, areas: expected }));
}
