import { drawBrick } from '../../src/pattern/brick-picture.ts';
import type { Rgb } from '../../src/pattern/colour.ts';
import { element } from '../page/dom.ts';

/** Pixels of the picture. */
const SIDE = 112;

/** A brick's pattern in the colour of its owner, as on the map; or its picture, once that is there. */
export class BrickIcon {
  readonly root = element('canvas', 'brick-icon');
  #shown = '';
  #loading = 0;

  constructor() {
    this.root.width = this.root.height = SIDE;
    this.root.setAttribute('aria-hidden', 'true');
  }

  /** `load` fetches the picture; it fails when there is none. */
  show(
    brick: string,
    timestamp: number,
    colour: Rgb,
    load: ((brick: string, timestamp: number) => Promise<CanvasImageSource>) | undefined,
  ): void {
    const key = JSON.stringify([brick, timestamp, colour]);
    if (key === this.#shown) return;
    this.#shown = key;
    const round = ++this.#loading;
    const canvas = this.root.getContext('2d')!;
    const pixels = new Uint8ClampedArray(drawBrick(brick, SIDE, colour));
    canvas.putImageData(new ImageData(pixels, SIDE, SIDE), 0, 0);
    void load?.(brick, timestamp).then(
      (picture) => {
        if (round !== this.#loading) return;
        canvas.clearRect(0, 0, SIDE, SIDE);
        canvas.drawImage(picture, 0, 0, SIDE, SIDE);
      },
      // There is none: the pattern stays.
      () => undefined,
    );
  }

  /** An empty cell. */
  clear(): void {
    this.#shown = '';
    this.#loading += 1;
    this.root.getContext('2d')!.clearRect(0, 0, SIDE, SIDE);
  }
}
