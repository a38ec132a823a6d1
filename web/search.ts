import type { Api } from './api.ts';
import { cssOf } from './colour.ts';
import { element, nameOf } from './dom.ts';
import type { Palette } from './palette.ts';
import { cellOf } from './rectangle.ts';

const MOST = 30;
/** Milliseconds after which the whole map is asked for again. */
const FRESH = 20_000;

export interface Hit {
  readonly title: string;
  readonly detail: string;
  /** A cell, or a compositor. */
  readonly goal: { readonly x: number; readonly y: number } | { readonly compositor: string };
  readonly owner?: string;
}

interface Entry {
  readonly key: string;
  readonly brick: string;
  readonly lower: string;
  readonly owner: string;
}

/** Finds bricks by a part of their name, compositors by theirs, and cells by `x,y`: on the whole plane, not only in view. */
export class Search {
  readonly #input: HTMLInputElement;
  readonly #list: HTMLElement;
  readonly #api: Api;
  readonly #palette: Palette;
  readonly #compositors: () => Iterable<{ id: string; name: string }>;
  readonly #onGo: (hit: Hit) => void;
  #entries: Entry[] = [];
  #readAt = -Infinity;
  #hits: Hit[] = [];
  #active = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: {
    input: HTMLInputElement;
    list: HTMLElement;
    api: Api;
    palette: Palette;
    compositors: () => Iterable<{ id: string; name: string }>;
    onGo: (hit: Hit) => void;
  }) {
    this.#input = options.input;
    this.#list = options.list;
    this.#api = options.api;
    this.#palette = options.palette;
    this.#compositors = options.compositors;
    this.#onGo = options.onGo;
    this.#input.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#find(), 120);
    });
    this.#input.addEventListener('keydown', (event) => this.#key(event));
    this.#input.addEventListener('blur', () => setTimeout(() => this.#close(), 150));
    this.#input.addEventListener('focus', () => void this.#find());
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  async #find(): Promise<void> {
    const text = this.#input.value.trim().toLowerCase();
    if (text === '') return this.#close();
    this.#show(this.#match(text));
    if (performance.now() - this.#readAt < FRESH) return;
    this.#readAt = performance.now();
    const manifest = await this.#api.manifest({}).catch(() => undefined);
    if (!manifest) {
      this.#readAt = -Infinity;
      return;
    }
    this.#entries = Object.entries(manifest.tiles).map(([key, { brick, compositor }]) => ({
      key,
      brick,
      lower: brick.toLowerCase(),
      owner: compositor,
    }));
    if (document.activeElement === this.#input)
      this.#show(this.#match(this.#input.value.trim().toLowerCase()));
  }

  #match(text: string): Hit[] {
    const hits: Hit[] = [];
    const cell = /^(-?\d+)[ ,]+(-?\d+)$/.exec(text);
    if (cell)
      hits.push({
        title: `${cell[1]}, ${cell[2]}`,
        detail: 'cell',
        goal: { x: Number(cell[1]), y: Number(cell[2]) },
      });
    for (const { id, name } of this.#compositors())
      if (name.toLowerCase().includes(text) || id.includes(text))
        hits.push({ title: name, detail: 'compositor', goal: { compositor: id }, owner: id });
    // Names that begin with it before those that hold it somewhere.
    const begins: Hit[] = [];
    const holds: Hit[] = [];
    for (const { key, brick, lower, owner } of this.#entries) {
      const at = lower.indexOf(text);
      if (at < 0) continue;
      const [x, y] = cellOf(key);
      (at === 0 ? begins : holds).push({ title: brick, detail: `${x}, ${y}`, goal: { x, y }, owner });
      if (begins.length === MOST) break;
    }
    return [...hits, ...begins, ...holds].slice(0, MOST);
  }

  #show(hits: Hit[]): void {
    this.#hits = hits;
    this.#active = hits.length > 0 ? 0 : -1;
    this.#list.replaceChildren(...hits.map((hit, i) => this.#option(hit, i)));
    if (hits.length === 0) this.#list.append(element('li', 'empty', 'Nothing has that name.'));
    this.#list.hidden = false;
    this.#input.setAttribute('aria-expanded', 'true');
    this.#mark();
  }

  #option(hit: Hit, index: number): HTMLElement {
    const option = element('li', 'hit');
    option.id = `hit-${index}`;
    option.setAttribute('role', 'option');
    const chip = element('i', 'chip');
    if (hit.owner !== undefined)
      chip.style.setProperty('--colour', cssOf(this.#palette.ownerOf(hit.owner).colour));
    option.append(chip, nameOf(hit.title, 'hit-name'), element('span', 'hit-detail', hit.detail));
    option.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      this.#go(index);
    });
    return option;
  }

  #key(event: KeyboardEvent): void {
    const { key } = event;
    if (key === 'Escape') {
      this.#close();
      this.#input.blur();
    } else if (key === 'Enter') this.#go(this.#active);
    else if ((key === 'ArrowDown' || key === 'ArrowUp') && this.#hits.length > 0) {
      const step = key === 'ArrowDown' ? 1 : -1;
      this.#active = (this.#active + step + this.#hits.length) % this.#hits.length;
      this.#mark();
    } else return;
    event.preventDefault();
  }

  #mark(): void {
    for (const [i, option] of [...this.#list.children].entries()) {
      option.setAttribute('aria-selected', String(i === this.#active));
      if (i === this.#active) option.scrollIntoView({ block: 'nearest' });
    }
    if (this.#active >= 0) this.#input.setAttribute('aria-activedescendant', `hit-${this.#active}`);
    else this.#input.removeAttribute('aria-activedescendant');
  }

  #go(index: number): void {
    const hit = this.#hits[index];
    if (!hit) return;
    this.#close();
    this.#input.blur();
    this.#onGo(hit);
  }

  #close(): void {
    this.#list.hidden = true;
    this.#input.setAttribute('aria-expanded', 'false');
    this.#input.removeAttribute('aria-activedescendant');
  }
}
