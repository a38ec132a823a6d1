import { BufferImageSource } from 'pixi.js';
import { radiusOf, SHAPES, SIZES } from '../../src/pattern/shapes.ts';

/** Of the texture: each shape in each size is 64 texels wide. */
const KINDS = SHAPES.length;
const WIDE = 64;

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
            const distance = shape(radiusOf(size), coordinates[column]!, y);
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
