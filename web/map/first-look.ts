import type { Size } from './aim.ts';
import { NEIGHBOURS } from './chunk.ts';
import { EMPTY, widen, type Extent } from './extent.ts';
import type { Rectangle } from './rectangle.ts';

/** Pixels per cell from which single tiles are seen. */
const LEGIBLE = 6;
/** Or this share of the screen is covered by tiles: then they are seen as a whole. */
const COVERED = 0.03;
/** Pixels per cell that a look at a part has, about. */
const CLOSE = 12;
/** The most pixels per cell of a look, as of the camera's. */
const CLOSEST = 48;
/** Of a part that is too large, so many of the fullest blocks are tried as the middle of the look. */
const TRIED = 48;

/** What the page shows first. */
export interface Look {
  readonly rect: Rectangle;
  /** These are all tiles. */
  readonly whole: boolean;
}

/**
 * Where to look first: at all tiles if they can be seen then; else at the largest connected group of them, or at its densest part.
 * `blocks`: chunks or areas, by the key of chunk.ts. `size`: of the free part of the screen, in pixels. Undefined: there are no tiles.
 */
export function firstLook(blocks: ReadonlyMap<number, Extent>, size: Size): Look | undefined {
  if (blocks.size === 0) return undefined;
  const all = around(blocks.values());
  if (isSeen(all, size)) return { rect: all, whole: true };
  const group = largestGroup(blocks);
  const rect = around(group);
  return { rect: isSeen(rect, size) ? rect : densest(group, size), whole: false };
}

/** Pixels per cell at which `rect` fills a screen of this size. */
export function pixelsFor({ x1, y1, x2, y2 }: Rectangle, { width, height }: Size): number {
  return Math.min(CLOSEST, width / (x2 - x1 + 1), height / (y2 - y1 + 1));
}

function isSeen(extent: Extent, size: Size): boolean {
  const pixels = pixelsFor(extent, size);
  return pixels >= LEGIBLE || extent.count * pixels ** 2 >= COVERED * size.width * size.height;
}

/** The connected group with the most tiles; of equal ones, the one nearest to 0,0. */
function largestGroup(blocks: ReadonlyMap<number, Extent>): Extent[] {
  const left = new Map(blocks);
  let best: { group: Extent[]; count: number; far: number } | undefined;
  for (const [key, extent] of left) {
    left.delete(key);
    const found = [key];
    const group = [extent];
    let count = extent.count;
    for (const each of found)
      for (const step of NEIGHBOURS) {
        const next = left.get(each + step);
        if (!next) continue;
        left.delete(each + step);
        found.push(each + step);
        group.push(next);
        count += next.count;
      }
    const far = Math.hypot(extent.x1, extent.y1);
    if (!best || count > best.count || (count === best.count && far < best.far)) best = { group, count, far };
  }
  return best!.group;
}

/** The rectangle around what lies in that screenful of `group` which has the most tiles. */
function densest(group: readonly Extent[], { width, height }: Size): Rectangle {
  const [dx, dy] = [width / CLOSE / 2, height / CLOSE / 2];
  const tried = [...group].sort((a, b) => b.count - a.count).slice(0, TRIED);
  let best = { within: tried, count: -1 };
  for (const { x1, y1, x2, y2 } of tried) {
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
    // What lies there whole, and at least the block itself.
    const within = group.filter(
      (each) =>
        (each.x1 === x1 && each.y1 === y1) ||
        (each.x1 >= x - dx && each.x2 <= x + dx && each.y1 >= y - dy && each.y2 <= y + dy),
    );
    const count = within.reduce((sum, each) => sum + each.count, 0);
    if (count > best.count) best = { within, count };
  }
  return around(best.within);
}

export function around(extents: Iterable<Extent>): Extent {
  const rect = { ...EMPTY };
  let count = 0;
  for (const extent of extents) {
    widen(rect, extent);
    count += extent.count;
  }
  return { count, ...rect };
}
