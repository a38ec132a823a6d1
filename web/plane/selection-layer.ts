import type { Rectangle } from '../map/rectangle.ts';

/** Pixels around what is selected. */
const MARGIN = 3;
/** The smallest frame, in pixels. */
const SMALLEST = 10;

/** A frame around what is open in the panel. */
export class SelectionLayer {
  readonly #frame: HTMLElement;
  #rect: Rectangle | undefined;
  /** It has to be placed anew though the map did not move. */
  #isDue = false;

  constructor(options: { frame: HTMLElement }) {
    this.#frame = options.frame;
  }

  /** Undefined: nothing. */
  select(rect: Rectangle | undefined): void {
    this.#rect = rect;
    this.#isDue = true;
  }

  /** Returns whether something else is selected than before. */
  update(moved: boolean, sighting: Sighting): boolean {
    const isNew = this.#isDue;
    this.#isDue = false;
    if (moved || isNew) this.#place(sighting);
    return isNew;
  }

  #place({ left, top, zoom, width, height }: Sighting): void {
    const rect = this.#rect;
    this.#frame.hidden = !rect;
    if (!rect) return;
    const [x, w] = span(rect.x1 - left, rect.x2 + 1 - left, zoom, width);
    const [y, h] = span(rect.y1 - top, rect.y2 + 1 - top, zoom, height);
    const { style } = this.#frame;
    style.transform = `translate(${x}px, ${y}px)`;
    style.width = `${w}px`;
    style.height = `${h}px`;
  }
}

/** Where the camera is, and the size of the screen. */
export interface Sighting {
  /** The cell at the screen's corner, with fractions. */
  readonly left: number;
  readonly top: number;
  /** Pixels per cell. */
  readonly zoom: number;
  readonly width: number;
  readonly height: number;
}

/** Cut off a little outside of the screen: browsers draw no element as large as the plane. */
function span(from: number, to: number, zoom: number, size: number): [at: number, length: number] {
  const [begin, end] = [from * zoom, to * zoom];
  const more = Math.max(MARGIN, (SMALLEST - (end - begin)) / 2);
  const at = Math.min(Math.max(begin - more, -20), size + 20);
  return [Math.round(at), Math.round(Math.max(Math.min(end + more, size + 20) - at, 0))];
}
