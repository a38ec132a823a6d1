import type { Region } from '../../src/client/client.ts';
import { cssOf } from '../colours/colour.ts';
import { element } from '../page/dom.ts';
import type { Palette } from '../colours/palette.ts';
import { parseRectangle, type Rectangle } from '../map/rectangle.ts';
import type { Box } from './label-places.ts';
import type { Sighting } from './selection-layer.ts';

/** The most outlines at once; of more, those of the largest regions. */
const MAX_OUTLINES = 100;
/** Pixels below which an outline would be a dot. */
const SMALLEST = 6;
/** Of what is written on a region, in pixels: its height, how much of it has to be seen, and from a card beside it. */
const LINE = 18;
const LEAST = 40;
const GAP = 6;
/** Of an outline. */
const BORDER = 2;

interface Outline {
  readonly root: HTMLElement;
  readonly text: HTMLElement;
  /** Of the text, in pixels; 0: it was not measured yet. */
  wide: number;
  readonly region: Region;
  readonly rect: Rectangle;
}

/** The rectangles that compositors hold: an outline in the colour of the compositor, with what it is for. */
export class RegionLayer {
  readonly #host: HTMLElement;
  readonly #palette: Palette;
  readonly #outlines = new Map<string, Outline>();
  #version = -1;
  /** Where something is written, on the screen. */
  texts: readonly Box[] = [];

  constructor(options: { host: HTMLElement; palette: Palette }) {
    this.#host = options.host;
    this.#palette = options.palette;
  }

  /** How many outlines there are. */
  get size(): number {
    return this.#outlines.size;
  }

  /** Takes over these regions, unless it has them: `version` grows with each change. Returns whether it changed anything. */
  show(regions: ReadonlyMap<string, Region>, version: number): boolean {
    if (version === this.#version) return false;
    this.#version = version;
    for (const [id, { root, region }] of this.#outlines) {
      if (regions.get(id) === region) continue;
      root.remove();
      this.#outlines.delete(id);
    }
    for (const [id, region] of regions) if (!this.#outlines.has(id)) this.#add(id, region);
    return true;
  }

  /** `covered`: the cards over the map, under which nothing can be read. */
  update({ left, top, zoom, width, height }: Sighting, covered: readonly Box[]): void {
    const texts: Box[] = [];
    const seen: { outline: Outline; x: number; y: number; w: number; h: number }[] = [];
    for (const outline of this.#outlines.values()) {
      const { x1, y1, x2, y2 } = outline.rect;
      // Cut off a little outside of the screen: browsers draw no element as large as the plane.
      const x = Math.max((x1 - left) * zoom, -4);
      const y = Math.max((y1 - top) * zoom, -4);
      const w = Math.min((x2 + 1 - left) * zoom, width + 4) - x;
      const h = Math.min((y2 + 1 - top) * zoom, height + 4) - y;
      outline.root.hidden = true;
      if (w >= SMALLEST && h >= SMALLEST) seen.push({ outline, x, y, w, h });
    }
    seen.sort((a, b) => b.w * b.h - a.w * a.h);
    for (const { outline, x, y, w, h } of seen.slice(0, MAX_OUTLINES)) {
      const { style } = outline.root;
      style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      style.width = `${Math.round(w)}px`;
      style.height = `${Math.round(h)}px`;
      style.setProperty('--colour', cssOf(this.#palette.ownerOf(outline.region.compositor).colour));
      outline.root.hidden = false;
      // A smaller one has room for a character or two.
      outline.text.hidden = w < LEAST;
      if (w >= LEAST) texts.push(placeText(outline, { x, y, w, h }, covered));
    }
    this.texts = texts;
  }

  #add(id: string, region: Region): void {
    const root = element('div', 'region');
    root.dataset['id'] = id;
    root.classList.toggle('exclusive', region.exclusive);
    const text = element('span', 'region-text');
    text.textContent = region.compositor;
    if (region.purpose !== '') text.append(': ', element('bdi', '', region.purpose));
    root.append(text);
    root.hidden = true;
    this.#host.append(root);
    this.#outlines.set(id, { root, text, wide: 0, region, rect: parseRectangle(region.rect) });
  }
}

/** Writes at the corner of an outline; where a card covers that, beside the card, or below it. */
function placeText(
  outline: Outline,
  { x, y, w, h }: { x: number; y: number; w: number; h: number },
  covered: readonly Box[],
): Box {
  const card = covered.find(({ x1, y1, x2, y2 }) => x1 < x + LEAST && x2 > x && y1 < y + LINE && y2 > y);
  let [dx, dy] = [0, 0];
  if (card && card.x2 + GAP + LEAST < x + w) dx = card.x2 + GAP - x;
  else if (card && card.y2 + GAP + LINE < y + h) dy = card.y2 + GAP - y;
  const { text } = outline;
  text.style.transform = `translate(${Math.round(dx)}px, ${Math.round(dy)}px)`;
  const most = w - dx - 2 * BORDER;
  text.style.maxWidth = `${Math.round(most)}px`;
  outline.wide ||= text.scrollWidth;
  return { x1: x + dx, y1: y + dy, x2: x + dx + Math.min(outline.wide, most), y2: y + dy + LINE };
}
