import { viewHasRegion, type Region } from './region.ts';
import type { Tile } from './tile.ts';
import { overviewOf, parseRect, viewHasCompositor, viewHasTile, type Rect, type View } from './view.ts';

/** How a view is to change, as JSON. What is absent stays as it is; `null` takes a filter away. */
export interface ViewChange {
  /** `x1,y1,x2,y2`. */
  readonly view?: string | null;
  readonly compositors?: readonly string[] | null;
  /** 0: tiles. */
  readonly zoom?: number;
}

export function changedView(view: View, change: ViewChange): View {
  const rect = change.view === undefined ? view.rect : parseRect(change.view ?? '');
  const compositors =
    change.compositors === undefined ? view.compositors : change.compositors && new Set(change.compositors);
  const zoom = change.zoom ?? view.zoom ?? 0;
  return overviewOf({ ...(rect && { rect }), ...(compositors && { compositors }) }, zoom);
}

/** Removes from a copy what the view does not show. */
export function forgetOutside(
  copy: {
    readonly compositors: Map<string, unknown>;
    readonly tiles: Map<string, Tile>;
    readonly regions: Map<string, Region>;
  },
  view: View,
): void {
  for (const id of copy.compositors.keys()) if (!viewHasCompositor(view, id)) copy.compositors.delete(id);
  for (const [key, tile] of copy.tiles) if (!viewHasTile(view, key, tile)) copy.tiles.delete(key);
  for (const [id, region] of copy.regions) if (!viewHasRegion(view, region)) copy.regions.delete(id);
}

/** All cells there are. */
const PLANE: Rect = { x1: -(2 ** 31), y1: -(2 ** 31), x2: 2 ** 31 - 1, y2: 2 ** 31 - 1 };

/**
 * Rectangles that together hold each cell in which `view` may show a tile that `before` does not, the nearest to the centre
 * first. A view pans by a little much of the time: what both show need not be looked at.
 */
export function newRects(view: View, before: View): Rect[] {
  const rect = view.rect ?? PLANE;
  const owners = before.compositors;
  const everyOwner = !owners || (view.compositors && [...view.compositors].every((id) => owners.has(id)));
  if (!everyOwner) return [rect];
  const centre = { x: (rect.x1 + rect.x2) / 2, y: (rect.y1 + rect.y2) / 2 };
  const distance = ({ x1, y1, x2, y2 }: Rect) =>
    Math.max(x1 - centre.x, centre.x - x2, 0) ** 2 + Math.max(y1 - centre.y, centre.y - y2, 0) ** 2;
  return without(rect, before.rect ?? PLANE).sort((a, b) => distance(a) - distance(b));
}

/** `rect` without the cells of `hole`, in at most four rectangles that do not overlap. */
function without(rect: Rect, hole: Rect): Rect[] {
  const { x1, y1, x2, y2 } = rect;
  // The part of the hole that is inside.
  const inner = {
    x1: Math.max(x1, hole.x1),
    y1: Math.max(y1, hole.y1),
    x2: Math.min(x2, hole.x2),
    y2: Math.min(y2, hole.y2),
  };
  if (inner.x1 > inner.x2 || inner.y1 > inner.y2) return [rect];
  return [
    { x1, y1, x2, y2: inner.y1 - 1 },
    { x1, y1: inner.y2 + 1, x2, y2 },
    { x1, y1: inner.y1, x2: inner.x1 - 1, y2: inner.y2 },
    { x1: inner.x2 + 1, y1: inner.y1, x2, y2: inner.y2 },
  ].filter((part) => part.x1 <= part.x2 && part.y1 <= part.y2);
}
