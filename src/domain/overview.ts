import { areaNameOf, type Area } from './area.ts';
import type { Areas } from './area-tree.ts';
import type { Compositor } from './compositor.ts';
import type { Patch } from './patch.ts';
import type { Region } from './region.ts';
import type { Tile } from './tile.ts';
import type { View } from './view.ts';

/** What a view shows of a patch. */
export interface VisiblePatch {
  readonly compositors: ReadonlyMap<string, Compositor | null>;
  /** By cell; in an overview there are areas instead, by name. */
  readonly tiles: ReadonlyMap<string, Tile | Area | null>;
  readonly regions: ReadonlyMap<string, Region | null>;
}

/**
 * What `changes`, made for `view`, change in its areas, with the values of now. They lead a reader to now from wherever `changes`
 * would: a value replaces, so the one of now is right whatever came in between.
 */
export function areaChanges({ compositors, tiles, regions }: Patch, view: View, areas: Areas): VisiblePatch {
  const names = new Set<string>();
  for (const key of tiles.keys()) names.add(areaNameOf(key, view.zoom ?? 0));
  const changed = new Map<string, Area | null>();
  for (const name of names) changed.set(name, areas.area(name, view) ?? null);
  return { compositors, tiles: changed, regions };
}
