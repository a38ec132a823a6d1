/** Cells of the plane, corners included. */
export interface Rectangle {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** All cells that can have tiles. */
export const PLANE: Rectangle = { x1: INT32_MIN, y1: INT32_MIN, x2: INT32_MAX, y2: INT32_MAX };

export function contains(outer: Rectangle, inner: Rectangle): boolean {
  return inner.x1 >= outer.x1 && inner.y1 >= outer.y1 && inner.x2 <= outer.x2 && inner.y2 <= outer.y2;
}

export function holds({ x1, y1, x2, y2 }: Rectangle, x: number, y: number): boolean {
  return x >= x1 && x <= x2 && y >= y1 && y <= y2;
}

/** The intersection; undefined when it is empty. */
export function overlapOf(a: Rectangle, b: Rectangle): Rectangle | undefined {
  const [x1, y1] = [Math.max(a.x1, b.x1), Math.max(a.y1, b.y1)];
  const [x2, y2] = [Math.min(a.x2, b.x2), Math.min(a.y2, b.y2)];
  return x1 > x2 || y1 > y2 ? undefined : { x1, y1, x2, y2 };
}

/** How many cells it has. */
export function cellsIn({ x1, y1, x2, y2 }: Rectangle): number {
  return (x2 - x1 + 1) * (y2 - y1 + 1);
}

/** Grown on each side by a share of the width and height. */
export function widened({ x1, y1, x2, y2 }: Rectangle, share: number): Rectangle {
  const dx = Math.ceil((x2 - x1 + 1) * share);
  const dy = Math.ceil((y2 - y1 + 1) * share);
  return onPlane({ x1: x1 - dx, y1: y1 - dy, x2: x2 + dx, y2: y2 + dy });
}

/** The side of the blocks that the daemon encodes once for all readers: views that end at their edges cut none of them. */
const BLOCK_BITS = 5;

/** Grown to whole blocks and areas, to several for large rectangles, so that nearby screens have the same view. */
export function snapped({ x1, y1, x2, y2 }: Rectangle, zoom = 0): Rectangle {
  const step = 2 ** Math.max(BLOCK_BITS, zoom, Math.ceil(Math.log2(Math.max(x2 - x1, y2 - y1, 1) / 8)));
  const down = (value: number) => Math.floor(value / step) * step;
  return onPlane({ x1: down(x1), y1: down(y1), x2: down(x2) + step - 1, y2: down(y2) + step - 1 });
}

/** Clipped to the plane: coordinates are int32. */
export function onPlane({ x1, y1, x2, y2 }: Rectangle): Rectangle {
  const cut = (value: number) => Math.min(INT32_MAX, Math.max(INT32_MIN, value));
  return { x1: cut(x1), y1: cut(y1), x2: cut(x2), y2: cut(y2) };
}

export function textOf({ x1, y1, x2, y2 }: Rectangle): string {
  return `${x1},${y1},${x2},${y2}`;
}

export function parseRectangle(text: string): Rectangle {
  const [x1, y1, x2, y2] = text.split(',').map(Number) as [number, number, number, number];
  return { x1, y1, x2, y2 };
}

export function cellOf(key: string): [x: number, y: number] {
  const comma = key.indexOf(',');
  return [Number(key.slice(0, comma)), Number(key.slice(comma + 1))];
}

/** The smallest rectangle around all of these keys; undefined when there are none. */
export function boundsOf(keys: Iterable<string>): Rectangle | undefined {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const key of keys) {
    const [x, y] = cellOf(key);
    if (x < x1) x1 = x;
    if (y < y1) y1 = y;
    if (x > x2) x2 = x;
    if (y > y2) y2 = y;
  }
  return x1 === Infinity ? undefined : { x1, y1, x2, y2 };
}
