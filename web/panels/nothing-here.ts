import { plural } from '../page/dom.ts';
import type { Rectangle } from '../map/rectangle.ts';
import type { EmptyPlane } from './empty-plane.ts';

/** Milliseconds between two looks, and how long a screen is empty before the page says so: a moment is no news. */
const INTERVAL = 400;

export interface NothingHereOptions {
  readonly root: HTMLElement;
  readonly text: HTMLElement;
  readonly show: HTMLElement;
  readonly emptyPlane: Pick<EmptyPlane, 'show' | 'hide'>;
  readonly screen: () => Rectangle;
  readonly hasTiles: (screen: Rectangle) => boolean;
  /** All tiles of the screen are on it: none is on its way. */
  readonly isComplete: (screen: Rectangle) => boolean;
  /** The tiles of the plane; undefined: not known yet. */
  readonly total: () => number | undefined;
  /** Goes to the nearest tiles. */
  readonly onShow: () => void;
}

/** Says so when there is nothing on the screen: the tiles are elsewhere, or there are none. */
export class NothingHere {
  readonly #options: NothingHereOptions;
  #empty = false;

  constructor(options: NothingHereOptions) {
    this.#options = options;
    options.show.addEventListener('click', () => options.onShow());
  }

  start(): void {
    setInterval(() => this.#look(), INTERVAL);
  }

  #look(): void {
    const { root, text, emptyPlane, screen, hasTiles, isComplete, total } = this.#options;
    const here = screen();
    const was = this.#empty;
    this.#empty = !hasTiles(here) && isComplete(here);
    const tiles = this.#empty && was ? total() : undefined;
    root.hidden = tiles === undefined || tiles === 0;
    if (tiles === 0) emptyPlane.show();
    else emptyPlane.hide();
    if (tiles !== undefined && tiles > 0) {
      const said = `No tiles in this part of the plane; ${plural(tiles, 'tile')} elsewhere.`;
      if (text.textContent !== said) text.textContent = said;
    }
  }
}
