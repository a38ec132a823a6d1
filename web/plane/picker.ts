import { holds, parseRectangle, type Rectangle } from '../map/rectangle.ts';
import type { Scene } from '../map/scene.ts';
import type { DisplayState } from '../map/display-state.ts';
import type { Plane } from './plane.ts';

/** Below this many pixels, cells are too small to point at one. */
const MIN_ZOOM = 3;
/** Pixels that a finger or a mouse may move while it taps, and from the outline of a region. */
const TAP = 6;
const EDGE = 5;
/** A tap is no longer than this, in milliseconds: who holds it down wants something else. */
const TAP_TIME = 700;

/** What is at a place of the screen. */
export type Picked =
  | { readonly kind: 'tile'; readonly x: number; readonly y: number }
  | { readonly kind: 'area'; readonly rect: Rectangle }
  | { readonly kind: 'region'; readonly id: string };

export interface PickerOptions {
  readonly host: HTMLElement;
  /** With the outlines of regions. */
  readonly regions: HTMLElement;
  readonly plane: Plane;
  readonly scene: Scene;
  readonly display: Pick<DisplayState, 'regions'>;
  /** Cells that one square shows, as a power of two. */
  readonly level: () => number;
  /** The tile that the keyboard is at. */
  readonly atKeyboard: () => { readonly x: number; readonly y: number } | undefined;
}

/** Opens what is clicked or tapped; with Enter the tile that the keyboard is at, else what is in the middle of the screen. */
export class Picker {
  readonly #options: PickerOptions;
  onPick: (picked: Picked) => void = () => undefined;
  #pressed: { readonly x: number; readonly y: number; readonly at: number; readonly id: number } | undefined;

  constructor(options: PickerOptions) {
    this.#options = options;
    const { host, plane } = options;
    host.addEventListener('pointerdown', ({ isPrimary, button, clientX, clientY, timeStamp, pointerId }) => {
      // A second finger pinches.
      this.#pressed =
        isPrimary && button === 0 ? { x: clientX, y: clientY, at: timeStamp, id: pointerId } : undefined;
    });
    host.addEventListener('pointerup', ({ clientX, clientY, timeStamp, pointerId }) => {
      const pressed = this.#pressed;
      this.#pressed = undefined;
      if (pressed?.id !== pointerId || timeStamp - pressed.at > TAP_TIME) return;
      if (Math.hypot(clientX - pressed.x, clientY - pressed.y) <= TAP) this.#pick(clientX, clientY);
    });
    host.addEventListener('pointercancel', () => (this.#pressed = undefined));
    host.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const cell = options.atKeyboard();
      if (cell) this.onPick({ kind: 'tile', ...cell });
      else this.#pick(plane.width / 2, plane.height / 2);
    });
  }

  #pick(x: number, y: number): void {
    const picked = this.at(x, y);
    if (picked) this.onPick(picked);
  }

  /** What is at this place of the screen; undefined: nothing that can be opened. */
  at(screenX: number, screenY: number): Picked | undefined {
    return this.#regionAt(screenX, screenY) ?? this.#cellsAt(screenX, screenY);
  }

  /** Regions are opened by what is written on them, and by their outline: inside there are tiles. */
  #regionAt(x: number, y: number): Picked | undefined {
    const outlines = [...this.#options.regions.querySelectorAll<HTMLElement>('.region:not([hidden])')];
    const inside = outlines.filter((outline) => isIn(outline.getBoundingClientRect(), x, y, EDGE));
    const hit = inside.find((outline) => {
      const text = outline.querySelector('.region-text')?.getBoundingClientRect();
      if (text && isIn(text, x, y)) return true;
      const { left, top, right, bottom } = outline.getBoundingClientRect();
      return Math.min(x - left, y - top, right - x, bottom - y) <= EDGE;
    });
    const id = hit?.dataset['id'];
    return id === undefined ? undefined : { kind: 'region', id };
  }

  #cellsAt(screenX: number, screenY: number): Picked | undefined {
    const { plane, scene, level } = this.#options;
    const { left, top, scaled } = plane.viewport;
    const [x, y] = [Math.floor(left + screenX / scaled), Math.floor(top + screenY / scaled)];
    if (Math.min(x, y) < -(2 ** 31) || Math.max(x, y) >= 2 ** 31) return undefined;
    if (scene.areas.zoom === 0 && scaled >= MIN_ZOOM)
      return scene.get(x, y) ? { kind: 'tile', x, y } : (this.#regionOver(x, y) ?? { kind: 'tile', x, y });
    const side = 2 ** Math.max(scene.areas.zoom, level());
    const [x1, y1] = [Math.floor(x / side) * side, Math.floor(y / side) * side];
    const rect = { x1, y1, x2: x1 + side - 1, y2: y1 + side - 1 };
    if (scene.hasTiles(rect)) return { kind: 'area', rect };
    return this.#regionOver(x, y);
  }

  /** A region that an empty cell lies in. */
  #regionOver(x: number, y: number): Picked | undefined {
    for (const [id, { rect }] of this.#options.display.regions)
      if (holds(parseRectangle(rect), x, y)) return { kind: 'region', id };
    return undefined;
  }
}

function isIn({ left, top, right, bottom }: DOMRect, x: number, y: number, margin = 0): boolean {
  return x >= left - margin && x <= right + margin && y >= top - margin && y <= bottom + margin;
}
