import { INT32_MAX, INT32_MIN } from './tile.ts';
import type { Rect } from './view.ts';

/** The most cells that the shell of Geometry OS may read at a time. */
export const MOST_CELLS = 2 ** 18;

/** The cells of a chunk on the plane: chunks are squares of `size` x `size` cells, numbered from 0,0 on. Undefined: it has none. */
export function chunkRect({ x, y, size }: { x: number; y: number; size: number }): Rect | undefined {
  return onPlane({ x1: x * size, y1: y * size, x2: (x + 1) * size - 1, y2: (y + 1) * size - 1 });
}

/** The part of a rectangle that is on the plane; undefined when there is none. */
export function onPlane({ x1, y1, x2, y2 }: Rect): Rect | undefined {
  const part = {
    x1: Math.max(x1, INT32_MIN),
    y1: Math.max(y1, INT32_MIN),
    x2: Math.min(x2, INT32_MAX),
    y2: Math.min(y2, INT32_MAX),
  };
  return part.x1 <= part.x2 && part.y1 <= part.y2 ? part : undefined;
}
