import type { Patch, Compositor, Entries, Region, Tile } from './entries.ts';

/** A filter: a rectangle of the plane, and compositors. */
export interface View {
  /** With its corners; absent: the whole plane. */
  readonly rect?: Rect | undefined;
  /** Sorted; absent: all. */
  readonly compositors?: readonly string[] | undefined;
  /** An overview: areas of 2^zoom x 2^zoom cells instead of tiles; absent: tiles. */
  readonly zoom?: number | undefined;
}

export interface Rect {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Parses `x1,y1,x2,y2`, four numbers, or a rectangle with its corners in any order. Throws on anything else. */
export function viewOf(
  view: string | readonly number[] | Rect | null | undefined,
  compositor?: string | readonly string[],
  zoom = 0,
): View {
  if (!(Number.isInteger(zoom) && zoom >= 0 && zoom <= 16))
    throw new TypeError(`a zoom is a whole number from 0 to 16, not ${zoom}`);
  return {
    ...(zoom && { zoom }),
    ...(view !== undefined && view !== null && { rect: rectOf(view, zoom) }),
    ...(compositor !== undefined && { compositors: [...new Set([compositor].flat())].sort() }),
  };
}

/** In an overview with whole areas, as the server has it. */
function rectOf(view: string | readonly number[] | Rect, zoom: number): Rect {
  const four =
    typeof view === 'string'
      ? view.split(',').map(Number)
      : 'x1' in view
        ? [view.x1, view.y1, view.x2, view.y2]
        : view;
  const [x1, y1, x2, y2] = four as [number, number, number, number];
  if (four.length !== 4 || four.some((each) => each !== (each | 0)))
    throw new TypeError(`a view is four int32s, x1,y1,x2,y2, not ${String(four)}`);
  const rest = 2 ** zoom - 1;
  return {
    x1: Math.min(x1, x2) & ~rest,
    y1: Math.min(y1, y2) & ~rest,
    x2: Math.max(x1, x2) | rest,
    y2: Math.max(y1, y2) | rest,
  };
}

/** The query string of the view; empty for the whole plane. Equal views have equal strings. */
export function queryOf({ rect, compositors = [], zoom }: View): string {
  const query = new URLSearchParams();
  if (rect) query.set('view', [rect.x1, rect.y1, rect.x2, rect.y2].join());
  for (const id of compositors) query.append('compositor', id);
  if (zoom) query.set('zoom', String(zoom));
  return String(query);
}

/** Whether `outer` shows everything that `inner` shows. */
export function covers(outer: View, inner: View): boolean {
  const [a, b] = [outer.rect, inner.rect];
  if (a && !(b && a.x1 <= b.x1 && a.y1 <= b.y1 && a.x2 >= b.x2 && a.y2 >= b.y2)) return false;
  const ids = outer.compositors;
  return !ids || (inner.compositors?.every((id) => ids.includes(id)) ?? false);
}

/** The smallest view that covers all of `views`. */
export function union(views: readonly View[]): View {
  const rects = views.map(({ rect }) => rect);
  const ids = views.map(({ compositors }) => compositors);
  return {
    ...(rects.every((rect) => rect !== undefined) && {
      rect: {
        x1: Math.min(...rects.map((rect) => rect.x1)),
        y1: Math.min(...rects.map((rect) => rect.y1)),
        x2: Math.max(...rects.map((rect) => rect.x2)),
        y2: Math.max(...rects.map((rect) => rect.y2)),
      },
    }),
    ...(ids.every((each) => each !== undefined) && { compositors: [...new Set(ids.flat())].sort() }),
  };
}

/** The part of a stream's entries that `view` shows. */
export function selectEntries(entries: Entries, stream: View, view: View): Entries {
  // With one tab the views are equal: nothing needs to be filtered.
  if (queryOf(stream) === queryOf(view)) return entries;
  const { compositors, regions, tiles } = entries;
  return {
    compositors: new Map([...compositors].filter(([id]) => hasCompositor(view, id))),
    regions: new Map([...regions].filter(([, region]) => hasRegion(view, region))),
    tiles: new Map([...tiles].filter(([key, tile]) => hasTile(view, key, tile))),
  };
}

/** The part of a stream's patch that `view` shows. A tile that a compositor outside the view took over is removed from the view. */
export function selectPatch(patch: Patch, stream: View, view: View): Patch {
  if (queryOf(stream) === queryOf(view)) return patch;
  const tiles = new Map<string, Tile | null>();
  for (const [key, tile] of patch.tiles)
    if (hasCell(view, key)) tiles.set(key, tile && hasCompositor(view, tile.compositor) ? tile : null);
  const compositors = new Map<string, Compositor | null>();
  for (const [id, entry] of patch.compositors) if (hasCompositor(view, id)) compositors.set(id, entry);
  const regions = new Map<string, Region | null>();
  // Where the view did not have a region, its removal changes nothing.
  for (const [id, region] of patch.regions ?? [])
    regions.set(id, region && hasRegion(view, region) ? region : null);
  return { compositors, regions, tiles };
}

export function hasTile(view: View, key: string, tile: Tile): boolean {
  return hasCell(view, key) && hasCompositor(view, tile.compositor);
}

/** A region is in a view when it touches it. */
export function hasRegion({ rect, compositors }: View, region: Region): boolean {
  if (compositors && !compositors.includes(region.compositor)) return false;
  if (!rect) return true;
  const [x1, y1, x2, y2] = region.rect.split(',').map(Number) as [number, number, number, number];
  return x1 <= rect.x2 && x2 >= rect.x1 && y1 <= rect.y2 && y2 >= rect.y1;
}

export function hasCompositor({ compositors }: View, id: string): boolean {
  return !compositors || compositors.includes(id);
}

function hasCell({ rect }: View, key: string): boolean {
  if (!rect) return true;
  const comma = key.indexOf(',');
  const [x, y] = [Number(key.slice(0, comma)), Number(key.slice(comma + 1))];
  return x >= rect.x1 && x <= rect.x2 && y >= rect.y1 && y <= rect.y2;
}
