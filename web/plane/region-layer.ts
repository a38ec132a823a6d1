import type { Region } from '../../src/client/client.ts';
import { cssOf } from '../colours/colour.ts';
import { element } from '../page/dom.ts';
import type { Palette } from '../colours/palette.ts';
import { parseRectangle, type Rectangle } from '../map/rectangle.ts';

/** The most outlines at once; of more, those of the largest regions. */
const MAX_OUTLINES = 100;
/** Pixels below which an outline would be a dot. */
const SMALLEST = 6;

interface Outline {
  readonly root: HTMLElement;
  readonly region: Region;
  readonly rect: Rectangle;
}

/** The rectangles that compositors hold: an outline in the colour of the compositor, with what it is for. */
export class RegionLayer {
  readonly #host: HTMLElement;
  readonly #palette: Palette;
  readonly #outlines = new Map<string, Outline>();
  #version = -1;

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

  /** `left` and `top` are the cell at the screen's corner, with fractions. */
  update(left: number, top: number, zoom: number, width: number, height: number): void {
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
    }
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
    this.#outlines.set(id, { root, region, rect: parseRectangle(region.rect) });
  }
}
