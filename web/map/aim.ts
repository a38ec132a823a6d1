import { cellsIn, type Rectangle } from './rectangle.ts';

/** What the camera sees. */
export interface Sight {
  /** The cells on the screen. */
  readonly screen: Rectangle;
  /** Pixels per cell. */
  readonly pixels: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A map of at most this many tiles is read tile by tile, however far out: about 100 kB compressed. */
const SMALL_MAP = 25_000;
/** So are screens of at most this many cells. On 1000 x 800 pixels they are 5 pixels wide then. */
const MAX_CELLS = 32_000;
/** Areas are at least this wide on the screen, in pixels, and less than twice as wide. */
const AREA_PIXELS = 8;
const MAX_ZOOM = 16;

/** The zoom to subscribe with: 0 for tiles, else that of areas of a good size. `total`: the tiles of the whole map, if known. */
export function zoomFor({ screen, pixels }: Sight, total: number | undefined): number {
  if (total !== undefined && total <= SMALL_MAP) return 0;
  if (cellsIn(screen) <= MAX_CELLS) return 0;
  return Math.min(MAX_ZOOM, Math.max(1, Math.ceil(Math.log2(AREA_PIXELS / pixels))));
}

/** The cells of areas. */
export function cellsOf({ x1, y1, x2, y2 }: Rectangle, zoom: number): Rectangle {
  const side = 2 ** zoom;
  return { x1: x1 * side, y1: y1 * side, x2: x2 * side + side - 1, y2: y2 * side + side - 1 };
}
