import { MAX_ZOOM } from '../domain/area.ts';
import { isObject } from '../domain/json.ts';
import { overviewOf, parseRect, type View } from '../domain/view.ts';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339. */
export function isInstant(value: unknown): boolean {
  return typeof value === 'string' && INSTANT.test(value);
}

/** The view of a snapshot or of a `view` event; undefined when it is none. */
export function readView(value: unknown): View | undefined {
  if (!isObject(value)) return undefined;
  const { rect, compositors, zoom = 0 } = value;
  const ids = Array.isArray(compositors) && compositors.every((id) => typeof id === 'string') && compositors;
  const parsed = typeof rect === 'string' ? parseRect(rect) : undefined;
  if (!(ids || compositors === null) || !(parsed ?? rect === null)) return undefined;
  if (typeof zoom !== 'number' || !Number.isInteger(zoom) || zoom < 0 || zoom > MAX_ZOOM) return undefined;
  return overviewOf({ ...(parsed && { rect: parsed }), ...(ids && { compositors: new Set(ids) }) }, zoom);
}
