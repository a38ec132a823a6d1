import type { Size } from '../map/aim.ts';

/** Pixels. */
const HEIGHT = 22;
const GAP = 6;
const EDGE = 12;
/** Between two labels. */
const APART = 4;
/** Labels are looked up by bands of the screen that are this high: with thousands of compositors few of them are compared. */
const BAND = 32;

/** On the screen, in pixels. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** The upper left corner of a label. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface LabelPlacesOptions {
  readonly screen: Size;
  /** The panels over the map: no label lies under them. */
  readonly covered: readonly Box[];
  /** Where tiles are: a label lies on those of others only where it has no other place. */
  readonly tiles: readonly Box[];
}

/** Finds a place for each label: beside its tiles, clear of panels and of the labels before it. */
export class LabelPlaces {
  readonly #screen: Size;
  readonly #covered: readonly Box[];
  readonly #tiles: readonly Box[];
  /** The labels that have a place, by the bands that they lie in. */
  readonly #taken = new Map<number, Box[]>();

  constructor({ screen, covered, tiles }: LabelPlacesOptions) {
    this.#screen = screen;
    this.#covered = covered;
    this.#tiles = tiles;
  }

  /** Where the label of what lies in `box` fits; undefined when panels and other labels leave no room. It is not taken yet. */
  find(box: Box, width: number): Spot | undefined {
    const others = this.#tiles.filter((tiles) => tiles !== box && !overlap(tiles, box));
    let second: Spot | undefined;
    for (const y of this.#rows(box))
      for (const x of this.#columns(box, y, width)) {
        const label = boxAt({ x, y }, width);
        if (!this.#isFree(label)) continue;
        if (!others.some((tiles) => overlap(tiles, label))) return { x, y };
        second ??= { x, y };
      }
    return second;
  }

  /** A label of this width is there from now on. */
  take(spot: Spot, width: number): void {
    const label = boxAt(spot, width);
    for (const band of bandsOf(label)) {
      const taken = this.#taken.get(band);
      if (taken) taken.push(label);
      else this.#taken.set(band, [label]);
    }
  }

  /** Above the tiles, below them; and when these go on beyond the screen or under a panel, on them, where they begin to be seen. */
  #rows({ x1, y1, x2, y2 }: Box): number[] {
    const { height } = this.#screen;
    const [above, below] = [y1 - HEIGHT - GAP, y2 + GAP];
    const rows = [above, below].filter((y) => y >= EDGE && y <= height - HEIGHT - EDGE);
    const starts = [EDGE];
    for (const card of this.#covered) if (card.x1 < x2 && card.x2 > x1) starts.push(card.y2 + GAP);
    const within = starts.filter((y) => y > above && y + HEIGHT < Math.min(y2, height - EDGE));
    return [...rows, ...within.sort((a, b) => a - b)];
  }

  /** In the middle of what is seen of the tiles, else as near to it as panels in this row allow. */
  #columns({ x1, x2 }: Box, y: number, width: number): number[] {
    const [least, most] = [EDGE, Math.max(EDGE, this.#screen.width - width - EDGE)];
    const onScreen = (x: number) => Math.min(Math.max(x, least), most);
    const middle = (Math.max(x1, 0) + Math.min(x2, this.#screen.width)) / 2;
    const wanted = onScreen(middle - width / 2);
    const columns = [wanted];
    for (const card of this.#covered) {
      if (card.y1 >= y + HEIGHT + GAP || card.y2 <= y - GAP) continue;
      for (const x of [card.x1 - GAP - width, card.x2 + GAP])
        // It must still touch what it names.
        if (x === onScreen(x) && x < x2 && x + width > x1) columns.push(x);
    }
    return columns.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
  }

  #isFree(label: Box): boolean {
    if (this.#covered.some((card) => overlap(card, label))) return false;
    for (const band of bandsOf(label))
      for (const other of this.#taken.get(band) ?? []) if (overlap(other, label, APART)) return false;
    return true;
  }
}

function boxAt({ x, y }: Spot, width: number): Box {
  return { x1: x, y1: y, x2: x + width, y2: y + HEIGHT };
}

function overlap(a: Box, b: Box, apart = 0): boolean {
  return a.x1 < b.x2 + apart && b.x1 < a.x2 + apart && a.y1 < b.y2 + apart && b.y1 < a.y2 + apart;
}

function bandsOf({ y1, y2 }: Box): number[] {
  const [first, last] = [Math.floor((y1 - APART) / BAND), Math.floor((y2 + APART) / BAND)];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
