import type { Area } from '../domain/area.ts';
import { isObject } from '../domain/json.ts';
import { cellOf, parseTileKey, type Tile } from '../domain/tile.ts';
import { rectHas, viewHasCompositor, viewHasTile, type View } from '../domain/view.ts';

/** The compositors and tiles of an event, or the areas of an overview; in a patch, `null` removes. */
export interface Entries {
  readonly compositors: Record<string, { id?: unknown } | null>;
  readonly tiles?: Record<string, Tile | null>;
  readonly areas?: Record<string, Area | null>;
}

/** The entries of an event of a view; undefined when it does not have the maps of that view, and no other. */
export function readEntries(data: Record<string, unknown>, view: View): Entries | undefined {
  const { compositors, tiles, areas } = data;
  const [cells, others] = view.zoom === undefined ? [tiles, areas] : [areas, tiles];
  if (!isObject(compositors) || !isObject(cells) || others !== undefined) return undefined;
  return data as unknown as Entries;
}

/** What is wrong with an entry of a view; undefined: nothing. The same of the two others. */
export function compositorFault(id: string, entry: { id?: unknown } | null, view: View): string | undefined {
  if (!viewHasCompositor(view, id)) return `compositor ${id} is not in view`;
  return entry && entry.id !== id ? `compositor ${id} calls itself ${String(entry.id)}` : undefined;
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
