import type { Camera } from '../map/camera.ts';
import { deepLinkOf, parseDeepLink, type Link } from './deep-link.ts';

export interface AddressOptions {
  readonly camera: () => Camera;
  /** The cursor of the moment shown; undefined: the map is live. */
  readonly cursor: () => string | undefined;
  readonly onGo: (link: Link) => void;
}

/**
 * Keeps the page's address at what it shows, and shows what the address names when that changes. The browser's Back undoes a flight
 * and a step through time; panning and sliding only rewrite the entry that they are in.
 */
export class Address {
  readonly #options: AddressOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The address that was written here, or followed. */
  #known = location.hash;
  #isFlying = false;

  constructor(options: AddressOptions) {
    this.#options = options;
    addEventListener('hashchange', () => {
      const { hash } = location;
      if (hash === this.#known) return;
      clearTimeout(this.#timer);
      this.#known = hash;
      // Back to before anything was written.
      const link = hash === '' ? { camera: undefined, moment: undefined } : parseDeepLink(hash);
      if (link) options.onGo(link);
    });
  }

  /** Writes the address once the camera rests: browsers limit how often it may change. */
  schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // Somebody has just followed a link, and the event that says so is on its way.
      if (location.hash !== this.#known) return;
      const { camera, cursor } = this.#options;
      this.#write('replaceState', deepLinkOf(camera(), cursor()));
    }, 350);
  }

  /** A flight begins: Back leads to where it began. */
  flyingTo(camera: Camera): void {
    const cursor = this.#options.cursor();
    // Of two flights at once (to a label's tiles, beside its panel) Back undoes both.
    if (this.#isFlying) return this.#write('replaceState', deepLinkOf(camera, cursor));
    this.#isFlying = true;
    setTimeout(() => (this.#isFlying = false));
    this.#push(camera, cursor);
  }

  /** The page goes to the past, or from there to the live map (undefined): Back leads to the moment before. */
  travellingTo(cursor: string | undefined): void {
    this.#push(this.#options.camera(), cursor);
  }

  #push(camera: Camera, cursor: string | undefined): void {
    clearTimeout(this.#timer);
    this.#write('replaceState', deepLinkOf(this.#options.camera(), this.#options.cursor()));
    this.#write('pushState', deepLinkOf(camera, cursor));
  }

  #write(how: 'replaceState' | 'pushState', hash: string): void {
    if (how === 'pushState' && hash === this.#known) return;
    try {
      history[how](null, '', hash);
      this.#known = hash;
    } catch {
      // The browser's limit on how often an address may change: the next one is written.
    }
  }
}
