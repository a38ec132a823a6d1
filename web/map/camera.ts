import { onPlane, type Rectangle } from './rectangle.ts';

/** The part of the plane on the screen. */
export interface Camera {
  /** The cell in the middle, with fractions. */
  readonly x: number;
  readonly y: number;
  /** Pixels per cell. */
  readonly zoom: number;
}

/** The cells on a screen of this size in pixels. */
export function cellsOn({ x, y, zoom }: Camera, width: number, height: number): Rectangle {
  const [dx, dy] = [width / 2 / zoom, height / 2 / zoom];
  return onPlane({
    x1: Math.floor(x - dx),
    y1: Math.floor(y - dy),
    x2: Math.floor(x + dx),
    y2: Math.floor(y + dy),
  });
}
