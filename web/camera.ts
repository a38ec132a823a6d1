import { onPlane, type Rectangle } from './rectangle.ts';

/** Where one looks. */
export interface Camera {
  /** The cell in the middle, with fractions. */
  readonly x: number;
  readonly y: number;
  /** Pixels a cell. */
  readonly zoom: number;
}

/** The cells on a screen of so many pixels. */
export function cellsOn({ x, y, zoom }: Camera, width: number, height: number): Rectangle {
  const [dx, dy] = [width / 2 / zoom, height / 2 / zoom];
  return onPlane({
    x1: Math.floor(x - dx),
    y1: Math.floor(y - dy),
    x2: Math.floor(x + dx),
    y2: Math.floor(y + dy),
  });
}
