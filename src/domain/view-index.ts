import type { Commit } from './commit.ts';
import { cellOf } from './tile.ts';
import type { Rect, View } from './view.ts';

/** Somebody who must be told of commits that touch a view. */
export interface Viewer {
  readonly view: View;
}

/**
 * Finds the viewers of a commit without visiting the others. A rectangle lies in a grid whose cells are at least as
 * large as itself, so it covers at most four of them; a tile is looked up in one cell of each grid that is in use.
 */
export class ViewIndex<T extends Viewer> {
  /** Without a filter on compositors: these see every change of a compositor. */
  readonly #unfiltered = new Set<T>();
  /** Without any filter: these see every tile, too. */
  readonly #whole = new Set<T>();
  /** By compositor, the viewers that name it. */
  readonly #byCompositor = new Map<string, Set<T>>();
  /** The viewers with a rectangle, by log2 of the cell size, then by cell. */
  readonly #grids = new Map<number, Map<string, Set<T>>>();

  add(viewer: T): void {
    const { rect, compositors } = viewer.view;
    if (compositors) for (const id of compositors) addTo(this.#byCompositor, id, viewer);
    else this.#unfiltered.add(viewer);
    if (rect) {
      const level = levelOf(rect);
      let grid = this.#grids.get(level);
      if (!grid) {
        grid = new Map<string, Set<T>>();
        this.#grids.set(level, grid);
      }
      for (const cell of cellsOf(rect, level)) addTo(grid, cell, viewer);
    } else if (!compositors) {
      this.#whole.add(viewer);
    }
  }

  delete(viewer: T): void {
    const { rect, compositors } = viewer.view;
    if (compositors) for (const id of compositors) removeFrom(this.#byCompositor, id, viewer);
    this.#unfiltered.delete(viewer);
    this.#whole.delete(viewer);
    if (!rect) return;
    const level = levelOf(rect);
    const grid = this.#grids.get(level);
    if (!grid) return;
    for (const cell of cellsOf(rect, level)) removeFrom(grid, cell, viewer);
    if (grid.size === 0) this.#grids.delete(level);
  }

  /** Every viewer that the commit touches, and perhaps a few more, whose view shows nothing of it. */
  touchedBy(commit: Commit): Set<T> {
    const touched = new Set<T>();
    if (commit.patch.compositors.size > 0) {
      for (const viewer of this.#unfiltered) touched.add(viewer);
      for (const id of commit.patch.compositors.keys()) addAll(touched, this.#byCompositor.get(id));
    }
    if (commit.patch.tiles.size === 0) return touched;
    for (const viewer of this.#whole) touched.add(viewer);
    if (commit.withdraws !== undefined) {
      // Its tiles are too many to look each of them up.
      for (const grid of this.#grids.values()) for (const viewers of grid.values()) addAll(touched, viewers);
      addAll(touched, this.#byCompositor.get(commit.withdraws));
      return touched;
    }
    // Cells and owners are collected first, so that their viewers are visited once, not once per tile.
    for (const [level, grid] of this.#grids) {
      const cells = new Set<string>();
      for (const key of commit.patch.tiles.keys()) cells.add(cellName(cellOf(key), level));
      for (const cell of cells) addAll(touched, grid.get(cell));
    }
    if (this.#byCompositor.size === 0) return touched;
    const owners = new Set<string>();
    for (const { tiles } of [commit.patch, commit.undo])
      for (const tile of tiles.values()) if (tile) owners.add(tile.compositor);
    for (const owner of owners) addAll(touched, this.#viewersOf(owner));
    return touched;
  }

  /** Without those that have a rectangle: the grid finds them, and an owner far away must not touch them. */
  *#viewersOf(id: string): Generator<T, void, undefined> {
    for (const viewer of this.#byCompositor.get(id) ?? []) if (!viewer.view.rect) yield viewer;
  }
}

/** The smallest power of two that is no smaller than the longer side. */
function levelOf(rect: Rect): number {
  const side = Math.max(rect.x2 - rect.x1, rect.y2 - rect.y1) + 1;
  return Math.ceil(Math.log2(side));
}

function cellName(cell: { x: number; y: number }, level: number): string {
  const size = 2 ** level;
  return `${Math.floor(cell.x / size)},${Math.floor(cell.y / size)}`;
}

function cellsOf(rect: Rect, level: number): Set<string> {
  return new Set([
    cellName({ x: rect.x1, y: rect.y1 }, level),
    cellName({ x: rect.x2, y: rect.y1 }, level),
    cellName({ x: rect.x1, y: rect.y2 }, level),
    cellName({ x: rect.x2, y: rect.y2 }, level),
  ]);
}

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
