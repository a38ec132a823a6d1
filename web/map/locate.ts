import type { Area } from '../../src/client/client.ts';
import { cellsOf, zoomFor, type Size } from './aim.ts';
import { chunkKeyOf } from './chunk.ts';
import type { Extent } from './extent.ts';
import { around, firstLook, pixelsFor } from './first-look.ts';
import { cellOf, onPlane, type Rectangle } from './rectangle.ts';

/** The share of the screen that is left beside the page's panels, about. */
const FREE = 0.75;

/** Where to look for the tiles that the page shows first, as areas tell it. */
export interface Found {
  /** How many tiles there are in the areas. */
  readonly total: number;
  /** The cells to look at. */
  readonly rect: Rectangle | undefined;
  /** All tiles are there. */
  readonly whole: boolean;
  /** That of areas which have the right size on the screen then; 0: tiles. */
  readonly zoom: number;
}

/** Finds the first look in `areas` of this zoom. `total`: the tiles of the whole map, if these areas are not all. */
export function locate(
  areas: ReadonlyMap<string, Area>,
  zoom: number,
  size: Size,
  total = tilesIn(areas),
): Found {
  const blocks = blocksOf(areas, zoom);
  if (blocks.size === 0) return { total, rect: undefined, whole: true, zoom: 0 };
  const free = { width: size.width * FREE, height: size.height * FREE };
  const zoomOn = (rect: Rectangle) => {
    const pixels = pixelsFor(rect, free);
    return zoomFor({ screen: screenAround(rect, pixels, size), pixels }, total);
  };
  const all = around(blocks.values());
  // Large areas do not tell how far apart the tiles in them are.
  if (zoomOn(all) < zoom) return { total, rect: all, whole: true, zoom: zoomOn(all) };
  const { rect, whole } = firstLook(blocks, free)!;
  return { total, rect, whole, zoom: zoomOn(rect) };
}

function screenAround(rect: Rectangle, pixels: number, { width, height }: Size): Rectangle {
  const [dx, dy] = [width / pixels / 2, height / pixels / 2];
  const [x, y] = [(rect.x1 + rect.x2) / 2, (rect.y1 + rect.y2) / 2];
  return onPlane({ x1: x - dx, y1: y - dy, x2: x + dx, y2: y + dy });
}

function tilesIn(areas: ReadonlyMap<string, Area>): number {
  let total = 0;
  for (const { tiles } of areas.values()) total += tiles;
  return total;
}

function blocksOf(areas: ReadonlyMap<string, Area>, zoom: number): Map<number, Extent> {
  const blocks = new Map<number, Extent>();
  for (const [name, { tiles }] of areas) {
    const [x, y] = cellOf(name);
    blocks.set(chunkKeyOf(x, y), { count: tiles, ...cellsOf({ x1: x, y1: y, x2: x, y2: y }, zoom) });
  }
  return blocks;
}
