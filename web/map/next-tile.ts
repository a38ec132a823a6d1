import { holds, type Rectangle } from './rectangle.ts';
import type { Scene } from './scene.ts';

export interface Direction {
  readonly dx: -1 | 0 | 1;
  readonly dy: -1 | 0 | 1;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A cell aside counts this much more than one ahead: the next tile of a row is the one in the row. */
const ASIDE = 2;

/**
 * The next tile from a cell in a direction, in `area`: the nearest within 45 degrees, else the nearest on that side. Undefined
 * when there is none.
 */
export function nextTile(
  scene: Scene,
  from: Place,
  direction: Direction,
  area: Rectangle,
): Place | undefined {
  const { dx, dy } = direction;
  const neighbour = { x: from.x + dx, y: from.y + dy };
  if (holds(area, neighbour.x, neighbour.y) && scene.get(neighbour.x, neighbour.y)) return neighbour;
  let [best, least]: [Place | undefined, number] = [undefined, Infinity];
  for (const chunk of scene.chunks(area))
    for (const { x, y } of chunk.cells()) {
      if (!holds(area, x, y)) continue;
      const ahead = (x - from.x) * dx + (y - from.y) * dy;
      if (ahead <= 0) continue;
      const aside = Math.abs((x - from.x) * dy) + Math.abs((y - from.y) * dx);
      // Outside the cone only when there is nothing in it.
      const cost = ahead + ASIDE * aside + (aside > ahead ? 2 ** 33 : 0);
      if (cost < least) [best, least] = [{ x, y }, cost];
    }
  return best;
}

/** The tile nearest to a place, in `area`. */
export function nearestTile(scene: Scene, to: Place, area: Rectangle): Place | undefined {
  let [best, least]: [Place | undefined, number] = [undefined, Infinity];
  for (const chunk of scene.chunks(area))
    for (const { x, y } of chunk.cells()) {
      const far = Math.hypot(x - to.x, y - to.y);
      if (far < least && holds(area, x, y)) [best, least] = [{ x, y }, far];
    }
  return best;
}
