import { cssOf } from './colour.ts';
import { element, nameOf } from './dom.ts';
import type { Plane } from './plane.ts';
import { UNCHANGED, type Cell } from './cell.ts';
import type { Scene } from './scene.ts';

/** Below this many pixels per cell, cells are too small to point at. */
const MIN_ZOOM = 3;

export interface HoverOptions {
  readonly host: HTMLElement;
  readonly tooltip: HTMLElement;
  readonly plane: Plane;
  readonly scene: Scene;
}

/** A tooltip for the tile under the pointer: brick, owner, cell, revision, age. */
export class Hover {
  readonly #options: HoverOptions;
  #at: { x: number; y: number } | undefined;
  #cell: Cell | undefined;

  constructor(options: HoverOptions) {
    this.#options = options;
    const { host } = options;
    host.addEventListener('pointermove', ({ clientX, clientY }) => {
      this.#at = { x: clientX, y: clientY };
      this.update();
    });
    host.addEventListener('pointerleave', () => {
      this.#at = undefined;
      this.update();
    });
  }

  /** Also called when the map moves under the pointer. */
  update(): void {
    const cell = this.#at && this.#cellAt(this.#at.x, this.#at.y);
    if (cell && cell !== this.#cell) this.#fill(cell);
    this.#cell = cell;
    this.#options.tooltip.hidden = !cell;
    if (!cell || !this.#at) return;
    const { x, y } = this.#at;
    const { offsetWidth, offsetHeight } = this.#options.tooltip;
    const left = x + 18 + offsetWidth > innerWidth ? x - 14 - offsetWidth : x + 18;
    const top = Math.min(y + 18, innerHeight - offsetHeight - 8);
    this.#options.tooltip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
  }

  #cellAt(x: number, y: number): Cell | undefined {
    const { left, top, scaled } = this.#options.plane.viewport;
    if (scaled < MIN_ZOOM) return undefined;
    return this.#options.scene.get(Math.floor(left + x / scaled), Math.floor(top + y / scaled));
  }

  #fill(cell: Cell): void {
    const { tile, owner, x, y, revision, change } = cell;
    const title = nameOf(tile.brick, 'tooltip-brick');
    const line = element('div', 'tooltip-owner');
    const chip = element('i', 'chip');
    chip.style.setProperty('--colour', cssOf(owner.colour));
    line.append(chip, nameOf(owner.name));
    // A tile that the page did not see change is as old as this revision, or older.
    const since = `${change === UNCHANGED ? '≤ ' : ''}r${revision.toLocaleString('en')}`;
    const facts = element('div', 'tooltip-facts', `${x}, ${y}  ·  ${since}  ·  ${ageOf(tile.timestamp)}`);
    this.#options.tooltip.replaceChildren(title, line, facts);
  }
}

function ageOf(timestamp: number): string {
  const seconds = Date.now() / 1000 - timestamp;
  if (seconds < 2) return 'now';
  if (seconds < 120) return `${Math.round(seconds)} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(timestamp * 1000).toISOString().slice(0, 10);
}
