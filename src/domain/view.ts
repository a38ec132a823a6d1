import { createHash } from 'node:crypto';
import { cellOf, isInt32, type Cell, type Tile } from './tile.ts';

/** Corners included; x1 <= x2 and y1 <= y2. */
export interface Rect {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/**
 * What a reader wants to see. A rectangle selects tiles; `compositors` selects tiles by owner, and compositors. With `zoom` it is an
 * overview ({@link overviewOf}), which shows the areas of the tiles that it selects, and no tiles.
 */
export interface View {
  readonly rect?: Rect;
  readonly compositors?: ReadonlySet<string>;
  /** 1 to 16; absent: tiles. */
  readonly zoom?: number;
}

/** The whole map. */
export const WHOLE: View = {};

const INTEGER = /^(0|-?[1-9][0-9]{0,9})$/;

/** The rectangle of `x1,y1,x2,y2`, corners in any order; undefined when it is not four canonical int32s. */
export function parseRect(text: string): Rect | undefined {
  if (text.length > 47) return undefined;
  const parts = text.split(',');
  if (parts.length !== 4 || !parts.every((part) => INTEGER.test(part))) return undefined;
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
  if (![a, b, c, d].every(isInt32)) return undefined;
  return { x1: Math.min(a, c), y1: Math.min(b, d), x2: Math.max(a, c), y2: Math.max(b, d) };
}

export function formatRect(rect: Rect): string {
  return `${rect.x1},${rect.y1},${rect.x2},${rect.y2}`;
}

export function rectHas(rect: Rect, cell: Cell): boolean {
  return cell.x >= rect.x1 && cell.x <= rect.x2 && cell.y >= rect.y1 && cell.y <= rect.y2;
}

/** Whether two rectangles have a cell in common. */
export function rectsTouch(a: Rect, b: Rect): boolean {
  return a.x1 <= b.x2 && b.x1 <= a.x2 && a.y1 <= b.y2 && b.y1 <= a.y2;
}

/** Whether all cells of `inner` are in `outer`. */
export function rectCovers(outer: Rect, inner: Rect): boolean {
  return inner.x1 >= outer.x1 && inner.y1 >= outer.y1 && inner.x2 <= outer.x2 && inner.y2 <= outer.y2;
}

/** The view with areas of 2^zoom x 2^zoom cells, and every one whole that touches its rectangle. Zoom 0 is the view itself. */
export function overviewOf(view: View, zoom: number): View {
  if (zoom === 0) return view;
  const side = 2 ** zoom;
  const first = (n: number) => Math.floor(n / side) * side;
  const last = (n: number) => first(n) + side - 1;
  const { rect } = view;
  const whole = rect && { x1: first(rect.x1), y1: first(rect.y1), x2: last(rect.x2), y2: last(rect.y2) };
  return { ...view, ...(whole && { rect: whole }), zoom };
}

/** Nothing is narrowed: every entry is in view. */
export function isWhole(view: View): boolean {
  return view.rect === undefined && view.compositors === undefined && view.zoom === undefined;
}

export function viewHasTile(view: View, key: string, tile: Tile): boolean {
  if (view.compositors !== undefined && !view.compositors.has(tile.compositor)) return false;
  return view.rect === undefined || rectHas(view.rect, cellOf(key));
}

export function viewHasCompositor(view: View, id: string): boolean {
  return view.compositors === undefined || view.compositors.has(id);
}

/** The same text for the same view, whatever the order it was asked in; empty for the whole map. */
export function viewText(view: View): string {
  const parts: string[] = [];
  if (view.rect) parts.push(`view=${formatRect(view.rect)}`);
  if (view.compositors) parts.push(`compositor=${[...view.compositors].sort().join(',')}`);
  if (view.zoom) parts.push(`zoom=${view.zoom}`);
  return parts.join('&');
}

/** Short name of a filtered view, as it ends a stream's event ids; empty for the whole map. */
export function viewHash(view: View): string {
  const text = viewText(view);
  return text === '' ? '' : createHash('sha256').update(text).digest('hex').slice(0, 8);
}
