import type { Commit } from './commit.ts';
import { RectGrid } from './rect-grid.ts';
import { rectOfRegion } from './region.ts';
import { cellOf } from './tile.ts';
import type { View } from './view.ts';

/** Somebody who must be told of commits that touch a view. */
export interface Viewer {
  readonly view: View;
}

/** Finds the viewers of a commit without visiting the others. */
export class ViewIndex<T extends Viewer> {
  /** Without a filter on compositors: these see every change of a compositor. */
  readonly #unfiltered = new Set<T>();
  /** Without any filter: these see every tile, too. */
  readonly #whole = new Set<T>();
  /** By compositor, the viewers that name it. */
  readonly #byCompositor = new Map<string, Set<T>>();
  /** The viewers with a rectangle. */
  readonly #grid = new RectGrid<T>();

  add(viewer: T): void {
    const { rect, compositors } = viewer.view;
    if (compositors) for (const id of compositors) addTo(this.#byCompositor, id, viewer);
    else this.#unfiltered.add(viewer);
    if (rect) this.#grid.add(viewer, rect);
    else if (!compositors) this.#whole.add(viewer);
  }

  delete(viewer: T): void {
    const { rect, compositors } = viewer.view;
    if (compositors) for (const id of compositors) removeFrom(this.#byCompositor, id, viewer);
    this.#unfiltered.delete(viewer);
    this.#whole.delete(viewer);
    if (rect) this.#grid.delete(viewer, rect);
  }

  /** Every viewer that the commit touches, and perhaps a few more, whose view shows nothing of it. */
  touchedBy(commit: Commit): Set<T> {
    const touched = new Set<T>();
    if (commit.patch.compositors.size > 0) {
      for (const viewer of this.#unfiltered) touched.add(viewer);
      for (const id of commit.patch.compositors.keys()) addAll(touched, this.#byCompositor.get(id));
    }
    if (commit.patch.regions.size > 0) this.#addViewersOfRegions(commit, touched);
    if (commit.patch.tiles.size > 0) this.#addViewersOfTiles(commit, touched);
    return touched;
  }

  #addViewersOfRegions({ patch, undo }: Commit, touched: Set<T>): void {
    addAll(touched, this.#whole);
    for (const regions of [patch.regions, undo.regions])
      for (const region of regions.values())
        if (region) addAll(touched, this.#grid.touching(rectOfRegion(region)));
    this.#addViewersOfOwners([patch.regions, undo.regions], touched);
  }

  #addViewersOfTiles({ patch, undo, withdraws }: Commit, touched: Set<T>): void {
    addAll(touched, this.#whole);
    if (withdraws !== undefined) {
      // Its tiles are too many to look each of them up.
      addAll(touched, this.#grid.all());
      addAll(touched, this.#byCompositor.get(withdraws));
      return;
    }
    addAll(touched, this.#grid.with([...patch.tiles.keys()].map(cellOf)));
    this.#addViewersOfOwners([patch.tiles, undo.tiles], touched);
  }

  #addViewersOfOwners(maps: readonly Owned[], touched: Set<T>): void {
    if (this.#byCompositor.size === 0) return;
    // Collected first, so that their viewers are visited once, not once per entry.
    const owners = new Set<string>();
    for (const entries of maps) for (const entry of entries.values()) if (entry) owners.add(entry.compositor);
    for (const owner of owners) addAll(touched, this.#viewersOf(owner));
  }

  /** Without those that have a rectangle: the grid finds them, and an owner far away must not touch them. */
  *#viewersOf(id: string): Generator<T, void, undefined> {
    for (const viewer of this.#byCompositor.get(id) ?? []) if (!viewer.view.rect) yield viewer;
  }
}

type Owned = ReadonlyMap<string, { readonly compositor: string } | null>;

function addTo<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function removeFrom<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}

function addAll<T>(into: Set<T>, from: Iterable<T> | undefined): void {
  if (from) for (const value of from) into.add(value);
}
