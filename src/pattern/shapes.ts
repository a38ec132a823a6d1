/** Signed distance to the edge of a shape, negative inside. A tile reaches from -1 to 1 in both directions. */
export type Shape = (r: number, x: number, y: number) => number;

/** The shapes that the names of bricks choose from. */
export const SHAPES: readonly Shape[] = [
  (r, x, y) => Math.hypot(x, y) - r,
  (r, x, y) => Math.abs(Math.hypot(x, y) - r) - 0.14,
  (r, x, y) => (Math.abs(x) + Math.abs(y) - r * 1.3) * 0.7071,
  (r, x, y) => Math.abs(Math.abs(x) + Math.abs(y) - r * 1.2) * 0.7071 - 0.13,
  (r, x, y) => Math.min(Math.abs(x), Math.abs(y)) - r * 0.38,
  (_, x, y) => (Math.abs(y) - Math.abs(x)) * 0.7071,
  (r, x, y) => Math.max(Math.abs(x), Math.abs(y)) - r,
  (r, x, y) => Math.abs(Math.max(Math.abs(x), Math.abs(y)) - r) - 0.12,
  (r, x, y) => Math.hypot(Math.abs(x) - 1, Math.abs(y) - 1) - r,
  (r, x, y) => Math.abs(Math.hypot(Math.abs(x) - 1, Math.abs(y) - 1) - r) - 0.14,
  (r, x, y) => 0.8 - r * 0.9 - Math.hypot(Math.abs(x) - 0.5, Math.abs(y) - 0.5),
  (_, x, y) => Math.max(Math.hypot(Math.abs(x) - 1, y), Math.hypot(x, Math.abs(y) - 1)) - 1,
  (_, x, y) => Math.min(Math.abs(x), Math.abs(y)) * (x * y > 0 ? -1 : 1),
  (r, x, y) =>
    Math.max(Math.abs(x), Math.abs(y)) - 1 + (r < 0.6 ? Math.max(0, 0.5 - y) : Math.max(0, 0.5 + x)) * 1.4,
  (r, x, y) => Math.abs(((Math.abs(x) * 1.5 + Math.abs(y) * 1.5 + r) % 1) - 0.5) * 0.45 - 0.1,
  (r, x, y) => Math.hypot(Math.max(Math.abs(x) - 0.4, 0), y) - r * 0.6,
];

/** How many sizes a shape has. */
export const SIZES = 8;

/** The radius of a shape of this size, 0 to {@link SIZES} - 1. */
export function radiusOf(size: number): number {
  return 0.32 + 0.08 * size;
}
