import type { Owner } from '../colours/palette.ts';
import type { Rectangle } from './rectangle.ts';

/** Tiles of one compositor: how many, and the rectangle around them. */
export interface Extent extends Rectangle {
  readonly count: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Contains nothing. */
export const EMPTY: Rectangle = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };

/** Works in place: with 100,000 chunks, new objects would take most of the time. */
export function widen(rect: Mutable<Rectangle>, { x1, y1, x2, y2 }: Rectangle): void {
  if (x1 < rect.x1) rect.x1 = x1;
  if (y1 < rect.y1) rect.y1 = y1;
  if (x2 > rect.x2) rect.x2 = x2;
  if (y2 > rect.y2) rect.y2 = y2;
}

/** Adds `count` tiles of `owner` that lie in `rect`. */
export function extend(
  extents: Map<Owner, Mutable<Extent>>,
  owner: Owner,
  count: number,
  rect: Rectangle,
): void {
  const known = extents.get(owner);
  if (!known) {
    extents.set(owner, { count, ...rect });
    return;
  }
  known.count += count;
  widen(known, rect);
}
