import type { Commit } from './commit.ts';
import { cellOf } from './tile.ts';
import type { Rect, View } from './view.ts';

/** Somebody who wants to know of commits that touch a view. */
export interface Viewer {
  readonly view: View;
}

/**
 * Finds who sees a commit without asking those who do not. A rectangle lies in a grid whose cells are at least as
 * large as itself, so it covers at most four of them; a tile looks into one cell of each grid that is in use.
 */
export class ViewIndex<T extends Viewer> {
  /** No filter on compositors: they see every change of a compositor. */
  readonly #unfiltered = new Set<T>();
  /** Neither filter: they see every tile, too. */
  readonly #whole = new Set<T>();
  /** By compositor, those that name it. */
  readonly #byCompositor = new Map<string, Set<T>>();
  /** By log2 of the cell size, then by cell, those with a rectangle. */
  readonly #grids = new Map<number, Map<string, Set<T>>>();

  add(watcher: T): void {
    const { rect, compositors } = watcher.view;
    if (compositors) for (const id of compositors) addTo(this.#byCompositor, id, watcher);
    else this.#unfiltered.add(watcher);
    if (rect) {
      const level = levelOf(rect);
      let grid = this.#grids.get(level);
      if (!grid) {
        grid = new Map<string, Set<T>>();
        this.#grids.set(level, grid);
      }
      for (const cell of cellsOf(rect, level)) addTo(grid, cell, watcher);
    } else if (!compositors) {
      this.#whole.add(watcher);
    }
  }

  delete(watcher: T): void {
    const { rect, compositors } = watcher.view;
    if (compositors) for (const id of compositors) removeFrom(this.#byCompositor, id, watcher);
    this.#unfiltered.delete(watcher);
    this.#whole.delete(watcher);
    if (!rect) return;
    const level = levelOf(rect);
    const grid = this.#grids.get(level);
    if (!grid) return;
    for (const cell of cellsOf(rect, level)) removeFrom(grid, cell, watcher);
    if (grid.size === 0) this.#grids.delete(level);
  }

  /** Everybody whose view the commit touches, and perhaps a few more: what they see of it may turn out to be nothing. */
  touchedBy(commit: Commit): Set<T> {
    const touched = new Set<T>();
    if (commit.patch.compositors.size > 0) {
      for (const watcher of this.#unfiltered) touched.add(watcher);
      for (const id of commit.patch.compositors.keys()) addAll(touched, this.#byCompositor.get(id));
    }
    if (commit.patch.tiles.size === 0) return touched;
    for (const watcher of this.#whole) touched.add(watcher);
    // Names first: all that see one cell, or one owner, are gone through once, and not once for each tile.
    for (const [level, grid] of this.#grids) {
      const cells = new Set<string>();
      for (const key of commit.patch.tiles.keys()) cells.add(cellName(cellOf(key), level));
      for (const cell of cells) addAll(touched, grid.get(cell));
    }
    if (this.#byCompositor.size === 0) return touched;
    const owners = new Set<string>();
    for (const { tiles } of [commit.patch, commit.undo])
      for (const tile of tiles.values()) if (tile) owners.add(tile.compositor);
    for (const owner of owners) addAll(touched, this.#ownersView(owner));
    return touched;
  }

  /** Those with a rectangle are found by the grid: an owner far away must not touch them. */
  *#ownersView(id: string): Generator<T, void, undefined> {
    for (const watcher of this.#byCompositor.get(id) ?? []) if (!watcher.view.rect) yield watcher;
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
