import type { Size } from '../map/aim.ts';

/** Pixels. */
const HEIGHT = 22;
const GAP = 6;
const EDGE = 12;

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** On the screen, in pixels. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Where the label of what lies in `box` goes: above it, else below it. Undefined when other labels leave no room. */
export function place(box: Box, width: number, screen: Size, others: readonly Placed[]): Placed | undefined {
  const { x1, y1, x2, y2 } = box;
  const x = Math.min(Math.max((x1 + x2 - width) / 2, EDGE), Math.max(EDGE, screen.width - width - EDGE));
  // Above the tiles, or at the edge of the screen when they begin above it.
  const above = Math.max(y1 - HEIGHT - GAP, Math.min(EDGE, y2 - HEIGHT));
  for (const y of [above, y2 + GAP])
    if (y <= screen.height - HEIGHT && !others.some((other) => overlap(other, x, y, width)))
      return { x, y, width };
  return undefined;
}

function overlap(other: Placed, x: number, y: number, width: number): boolean {
  return x < other.x + other.width + 4 && other.x < x + width + 4 && Math.abs(y - other.y) < HEIGHT + 2;
}
