import { BufferImageSource } from 'pixi.js';

/** The texture holds 16 shapes in 8 sizes, each 64 texels wide. */
const KINDS = 16;
const SIZES = 8;
const WIDE = 64;

/** Signed distance to the edge of a shape, negative inside. A tile reaches from -1 to 1 in both directions. */
const SHAPES: readonly ((r: number, x: number, y: number) => number)[] = [
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

/**
 * All shapes in one small texture of distances. A lookup costs a tenth of computing the shape for each pixel, and distances
 * stay sharp when they are enlarged. The texture is empty until `render`, which takes some milliseconds.
 */
export class TilePatterns {
  readonly source: BufferImageSource;
  readonly #texels = new Uint8Array(KINDS * WIDE * SIZES * WIDE);
  #made = false;

  constructor() {
    this.source = new BufferImageSource({
      resource: this.#texels,
      width: KINDS * WIDE,
      height: SIZES * WIDE,
      format: 'r8unorm',
      scaleMode: 'linear',
      autoGenerateMipmaps: false,
    });
  }

  get rendered(): boolean {
    return this.#made;
  }

  render(): void {
    const coordinates = Array.from({ length: WIDE }, (_, texel) => coordinateOf(texel));
    for (const [kind, shape] of SHAPES.entries())
      for (let size = 0; size < SIZES; size++)
        for (const [row, y] of coordinates.entries()) {
          const at = (size * WIDE + row) * KINDS * WIDE + kind * WIDE;
          for (let column = 0; column < WIDE; column++) {
            const distance = shape(0.32 + 0.08 * size, coordinates[column]!, y);
            this.#texels[at + column] = 255 * Math.min(1, Math.max(0, distance + 0.5));
          }
        }
    this.source.update();
    this.#made = true;
  }
}

/** The coordinate of a texel's middle; the first and last lie a little outside the tile. */
function coordinateOf(texel: number): number {
  return ((texel + 0.5) / WIDE) * 2.16 - 1.08;
}
