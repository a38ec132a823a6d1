import { cssOf } from './colour.ts';
import { element, nameOf } from './dom.ts';
import type { Plane } from './plane.ts';
import type { Cell, Scene } from './scene.ts';
import { STILL } from './scene.ts';

/** Below this many pixels a cell is too small to point at. */
const LEAST = 3;

/** What lies under the pointer: brick, owner, cell, revision. */
export class Hover {
  readonly #tip: HTMLElement;
  readonly #plane: Plane;
  readonly #scene: Scene;
  #at: { x: number; y: number } | undefined;
  #shown: Cell | undefined;

  constructor(options: { host: HTMLElement; tip: HTMLElement; plane: Plane; scene: Scene }) {
    this.#tip = options.tip;
    this.#plane = options.plane;
    this.#scene = options.scene;
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

  /** Also when the map moved under a pointer that did not. */
  update(): void {
    const cell = this.#at && this.#cellAt(this.#at.x, this.#at.y);
    if (cell && cell !== this.#shown) this.#fill(cell);
    this.#shown = cell;
    this.#tip.hidden = !cell;
    if (!cell || !this.#at) return;
    const { x, y } = this.#at;
    const { offsetWidth, offsetHeight } = this.#tip;
    const left = x + 18 + offsetWidth > innerWidth ? x - 14 - offsetWidth : x + 18;
    const top = Math.min(y + 18, innerHeight - offsetHeight - 8);
    this.#tip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
  }

  #cellAt(x: number, y: number): Cell | undefined {
    const { left, top, scaled } = this.#plane.viewport;
    if (scaled < LEAST) return undefined;
    return this.#scene.get(Math.floor(left + x / scaled), Math.floor(top + y / scaled));
  }

  #fill(cell: Cell): void {
    const { tile, owner, x, y, revision, change } = cell;
    const title = nameOf(tile.brick, 'tip-brick');
    const line = element('div', 'tip-owner');
    const chip = element('i', 'chip');
    chip.style.setProperty('--colour', cssOf(owner.colour));
    line.append(chip, nameOf(owner.name));
    // A tile that was there already is as old as that, or older.
    const since = `${change === STILL ? '≤ ' : ''}r${revision.toLocaleString('en')}`;
    const facts = element('div', 'tip-facts', `${x}, ${y}  ·  ${since}  ·  ${ageOf(tile.timestamp)}`);
    this.#tip.replaceChildren(title, line, facts);
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
