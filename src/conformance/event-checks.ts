import type { Tile } from '../domain/tile.ts';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339. */
export function isInstant(value: unknown): boolean {
  return typeof value === 'string' && INSTANT.test(value);
}

/** The same text for the same `view` of a snapshot, whatever the order of its compositors. */
export function viewName(rect: unknown, compositors: unknown): string {
  return JSON.stringify([rect, Array.isArray(compositors) ? compositors.map(String).sort() : compositors]);
}

export function isTile(value: Tile): boolean {
  return (
    typeof value.brick === 'string' &&
    typeof value.timestamp === 'number' &&
    typeof value.compositor === 'string'
  );
}
