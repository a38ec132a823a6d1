import type { Camera } from '../map/camera.ts';
import { deepLinkOf, parseDeepLink, type Link, type Shown } from './deep-link.ts';

export interface AddressOptions {
  /** Where the map is, or where a flight under way ends. */
  readonly camera: () => Camera;
  /** What else the page shows. */
  readonly shown: () => Shown;
  /** The newest cursor that the live map shows. */
  readonly head: () => string | undefined;
  readonly onGo: (link: Link) => void;
}

/**
 * Keeps the page's address at what it shows, and shows what the address names when that changes. The browser's Back undoes a flight,
 * a step through time and the begin of a comparison; panning, sliding and opening a panel only rewrite the entry that they are in.
 */
export class Address {
  readonly #options: AddressOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The address that was written here, or followed. */
  #known = location.hash;
  /** A step is being made; or one was made just now, so that what follows at once belongs to it. */
  #step: 'none' | 'under way' | 'made' = 'none';

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

  /** The whole address for others, who see what is seen here now: it names the moment of the live map, too, which this page's own leaves open. */
  linkTo(camera = this.#options.camera()): string {
    const { shown, head } = this.#options;
    const { cursor = head(), ...rest } = shown();
    return `${location.origin}${location.pathname}${deepLinkOf(camera, { ...rest, cursor })}`;
  }

  /** Writes the address once the page rests: browsers limit how often it may change. */
  schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // Somebody has just followed a link, and the event that says so is on its way.
      if (location.hash === this.#known) this.#write('replaceState');
    }, 350);
  }

  /** Makes a change that Back undoes. Several at once (to a label's tiles, beside its panel) are one. */
  step(change: () => void): void {
    if (this.#step === 'under way') return change();
    const isFirst = this.#step === 'none';
    clearTimeout(this.#timer);
    if (isFirst) this.#write('replaceState');
    this.#step = 'under way';
    try {
      change();
    } finally {
      this.#step = 'made';
    }
    clearTimeout(this.#timer);
    this.#write(isFirst ? 'pushState' : 'replaceState');
    setTimeout(() => (this.#step = 'none'));
  }

  #write(how: 'replaceState' | 'pushState'): void {
    const { camera, shown } = this.#options;
    const hash = deepLinkOf(camera(), shown());
    if (how === 'pushState' && hash === this.#known) return;
    try {
      history[how](null, '', hash);
      this.#known = hash;
    } catch {
      // The browser's limit on how often an address may change: the next one is written.
    }
  }
}
