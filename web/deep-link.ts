import type { Camera } from './camera.ts';

/** Parses `#x,y,zoom`: the cell in the middle, and pixels per cell. */
export function parseDeepLink(hash: string): Camera | undefined {
  const match = /^#(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?(?:e-?\d+)?))?$/.exec(hash);
  if (!match) return undefined;
  const [x, y, zoom] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 32)];
  if (Math.abs(x) > 2 ** 31 || Math.abs(y) > 2 ** 31 || !(zoom > 0)) return undefined;
  return { x, y, zoom };
}

export function deepLinkOf({ x, y, zoom }: Camera): string {
  // Enough decimals for the precision of a pixel.
  const decimals = Math.min(3, Math.max(0, Math.ceil(Math.log10(zoom))));
  const round = (value: number) => String(Number(value.toFixed(decimals)));
  return `#${round(x)},${round(y)},${Number(zoom.toPrecision(4))}`;
}

/** Writes the camera into the page's address, and moves the camera when the address changes. */
export class DeepLink {
  readonly #camera: () => Camera;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written = location.hash;

  constructor(options: { camera: () => Camera; onGo: (camera: Camera) => void }) {
    this.#camera = options.camera;
    addEventListener('hashchange', () => {
      const camera = parseDeepLink(location.hash);
      if (camera && location.hash !== this.#written) options.onGo(camera);
    });
  }

  /** Writes the address once the camera rests: browsers limit how often it may change. */
  schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#written = deepLinkOf(this.#camera());
      history.replaceState(null, '', this.#written);
    }, 350);
  }
}
