import type { Size } from '../map/aim.ts';
import type { Rectangle } from '../map/rectangle.ts';

/** The share of the tiles' width and height that is left free on each side. */
const MARGIN = 0.06;
/** Pixels per cell at most: a single tile does not fill the map. */
const LARGEST = 6;
/** The frame of the screen is this wide at least, in pixels. */
const LEAST_FRAME = 9;

/** A rectangle in pixels of the minimap. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where cells are on a small map of `size` pixels that shows all of `bounds`. */
export class MinimapGeometry {
  /** Pixels per cell. */
  readonly scale: number;
  readonly #size: Size;
  readonly #x: number;
  readonly #y: number;

  constructor({ x1, y1, x2, y2 }: Rectangle, size: Size) {
    const [wide, high] = [x2 - x1 + 1, y2 - y1 + 1];
    this.#size = size;
    this.scale = Math.min(LARGEST, Math.min(size.width / wide, size.height / high) * (1 - 2 * MARGIN));
    this.#x = x1 + wide / 2 - size.width / 2 / this.scale;
    this.#y = y1 + high / 2 - size.height / 2 / this.scale;
  }

  /** The place of a cell's upper left corner. */
  placeOf(x: number, y: number): readonly [number, number] {
    return [(x - this.#x) * this.scale, (y - this.#y) * this.scale];
  }

  cellAt(x: number, y: number): readonly [number, number] {
    return [this.#x + x / this.scale, this.#y + y / this.scale];
  }

  /** The frame around what is on the screen: never too small to see, and at the edge when that is elsewhere. */
  frameOf(left: number, top: number, right: number, bottom: number): Frame {
    const [x1, y1] = this.placeOf(left, top);
    const [x2, y2] = this.placeOf(right, bottom);
    const [x, width] = within(x1, x2, this.#size.width);
    const [y, height] = within(y1, y2, this.#size.height);
    return { x, y, width, height };
  }
}

/** A span of the minimap's width or height: the part from `from` to `to` that is on it. */
function within(from: number, to: number, size: number): [from: number, length: number] {
  const middle = (from + to) / 2;
  const half = Math.max(to - from, LEAST_FRAME) / 2;
  const start = Math.min(Math.max(middle - half, 0), size - LEAST_FRAME);
  const end = Math.max(Math.min(middle + half, size), start + LEAST_FRAME);
  return [start, end - start];
}
