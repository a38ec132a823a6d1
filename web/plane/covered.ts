import { byId } from '../page/dom.ts';
import type { Box } from './label-places.ts';

/** What lies over the map. A message that goes by itself is no reason to move labels; a dialog covers all of the page. */
const CARDS = [
  'panel',
  'status',
  'details',
  'timeline',
  'comparison',
  'attention',
  'minimap',
  'zoom',
  'empty',
  'nothing-here',
];

/** The parts of the screen that cards cover. They are measured when one of them comes, goes or has another size. */
export class Covered {
  readonly #cards = CARDS.map(byId);
  #boxes: readonly Box[] = [];
  #isDue = true;
  #hasChanged = true;

  constructor() {
    const observer = new ResizeObserver(() => (this.#isDue = this.#hasChanged = true));
    for (const card of this.#cards) observer.observe(card);
    // Cards at an edge move along with it.
    observer.observe(document.documentElement);
  }

  get boxes(): readonly Box[] {
    if (this.#isDue) this.#boxes = this.#cards.flatMap(boxOf);
    this.#isDue = false;
    return this.#boxes;
  }

  /** Whether the cards are others than when this was last asked. */
  hasChanged(): boolean {
    const has = this.#hasChanged;
    this.#hasChanged = false;
    return has;
  }
}

/** A card that is not there covers nothing. */
function boxOf(card: HTMLElement): Box[] {
  const { left, top, right, bottom } = card.getBoundingClientRect();
  return right > left && bottom > top ? [{ x1: left, y1: top, x2: right, y2: bottom }] : [];
}
