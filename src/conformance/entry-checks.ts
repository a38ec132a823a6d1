import type { Area } from '../domain/area.ts';
import { isObject } from '../domain/json.ts';
import { isRegionId, viewHasRegion, type Region } from '../domain/region.ts';
import { cellOf, parseTileKey, type Tile } from '../domain/tile.ts';
import { formatRect, parseRect, rectHas, viewHasCompositor, viewHasTile, type View } from '../domain/view.ts';

/** The compositors, regions and tiles of an event, or the areas of an overview; in a patch, `null` removes. */
export interface Entries {
  readonly compositors: Record<string, { id?: unknown } | null>;
  /** Absent: none. */
  readonly regions?: Record<string, Region | null>;
  readonly tiles?: Record<string, Tile | null>;
  readonly areas?: Record<string, Area | null>;
}

/** The entries of an event of a view; undefined when it does not have the maps of that view, and no other. */
export function readEntries(data: Record<string, unknown>, view: View): Entries | undefined {
  const { compositors, tiles, areas, regions = {} } = data;
  const [cells, others] = view.zoom === undefined ? [tiles, areas] : [areas, tiles];
  if (![compositors, cells, regions].every(isObject) || others !== undefined) return undefined;
  return data as unknown as Entries;
}

/** What is wrong with an entry of a view; undefined: nothing. The same of the others. */
export function compositorFault(id: string, entry: { id?: unknown } | null, view: View): string | undefined {
  if (!viewHasCompositor(view, id)) return `compositor ${id} is not in view`;
  return entry && entry.id !== id ? `compositor ${id} calls itself ${String(entry.id)}` : undefined;
}

export function regionFault(id: string, region: Region | null, view: View): string | undefined {
  if (!isRegionId(id)) return `the region's id ${JSON.stringify(id)}`;
  if (region === null) return undefined;
  if (!isRegion(region)) return `region ${id} is ${JSON.stringify(region)}`;
  return viewHasRegion(view, region) ? undefined : `region ${id} is not in view`;
}

export function tileFault(key: string, tile: Tile | null, view: View): string | undefined {
  if (!parseTileKey(key)) return `the tile key ${JSON.stringify(key)}`;
  if (tile === null) return undefined;
  if (!isTile(tile)) return `tile ${key} is ${JSON.stringify(tile)}`;
  return viewHasTile(view, key, tile) ? undefined : `tile ${key} is not in view`;
}

export function areaFault(name: string, area: Area | null, view: View): string | undefined {
  if (!parseTileKey(name)) return `the area's name ${JSON.stringify(name)}`;
  if (!areaTouches(name, view)) return `area ${name} is not in view`;
  return area && !isArea(area, view) ? `area ${name} is ${JSON.stringify(area)}` : undefined;
}

function isRegion({ rect, compositor, purpose, exclusive, ttl, generation }: Region): boolean {
  const parsed = typeof rect === 'string' ? parseRect(rect) : undefined;
  return (
    parsed !== undefined &&
    formatRect(parsed) === rect &&
    [compositor, purpose, generation].every((text) => typeof text === 'string') &&
    typeof exclusive === 'boolean' &&
    typeof ttl === 'number'
  );
}

function isTile(value: Tile): boolean {
  return (
    typeof value.brick === 'string' &&
    typeof value.timestamp === 'number' &&
    typeof value.compositor === 'string'
  );
}

/** Whether an area of this name touches the view, whose rectangle has areas whole. */
function areaTouches(name: string, { rect, zoom = 0 }: View): boolean {
  const { x, y } = cellOf(name);
  return !rect || rectHas(rect, { x: x * 2 ** zoom, y: y * 2 ** zoom });
}

/** It has tiles, and the right owners in the right order. */
function isArea({ tiles, owners, timestamp }: Area, { zoom = 0, compositors }: View): boolean {
  if (!Number.isInteger(tiles) || tiles < 1 || tiles > 4 ** zoom || typeof timestamp !== 'number')
    return false;
  if (owners.length < 1 || owners.length > 4) return false;
  const named = owners.reduce((sum, [, count]) => sum + count, 0);
  const inOrder = owners.every(([id, count], i) => {
    const [before, more] = owners[i - 1] ?? ['', Infinity];
    return count > 0 && compositors?.has(id) !== false && (count < more || (count === more && id > before));
  });
  return inOrder && (owners.length < 4 ? named === tiles : named <= tiles);
}
