import type { Api } from './api.ts';
import { cssOf } from './colour.ts';
import { element, nameOf } from './dom.ts';
import type { Palette } from './palette.ts';
import { cellOf } from './rectangle.ts';

const MAX_HITS = 30;

export interface Hit {
  readonly title: string;
  readonly detail: string;
  /** The cell or compositor to go to. */
  readonly goal: { readonly x: number; readonly y: number } | { readonly compositor: string };
  readonly owner?: string;
}

export interface SearchOptions {
  readonly input: HTMLInputElement;
  readonly list: HTMLElement;
  readonly api: Api;
  readonly palette: Palette;
  /** The cell in the middle of the screen: the nearest bricks come first. */
  readonly centre: () => { readonly x: number; readonly y: number };
  readonly compositors: () => Iterable<{ id: string; name: string }>;
  readonly onGo: (hit: Hit) => void;
}

/** Finds bricks and compositors by a part of their name, and cells by `x,y`, on the whole plane. */
export class Search {
  readonly #options: SearchOptions;
  #hits: Hit[] = [];
  #active = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#options.input.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#find(), 120);
    });
    this.#options.input.addEventListener('keydown', (event) => this.#key(event));
    this.#options.input.addEventListener('blur', () => setTimeout(() => this.#close(), 150));
    this.#options.input.addEventListener('focus', () => void this.#find());
  }

  focus(): void {
    this.#options.input.focus();
    this.#options.input.select();
  }

  get #text(): string {
    return this.#options.input.value.trim();
  }

  async #find(): Promise<void> {
    const text = this.#text;
    if (text === '') return this.#close();
    const named = this.#named(text.toLowerCase());
    this.#show(named);
    const { x, y } = this.#options.centre();
    const query = { brick: text.slice(0, 255), near: `${x},${y}`, limit: String(MAX_HITS) };
    const found = await this.#options.api.search(query).catch(() => undefined);
    // The answer may come after the user has typed on.
    if (!found || document.activeElement !== this.#options.input || this.#text !== text) return;
    const bricks = found.items.map(({ cell, brick, compositor }): Hit => {
      const [x, y] = cellOf(cell);
      return { title: brick, detail: `${x}, ${y}`, goal: { x, y }, owner: compositor };
    });
    this.#show([...named, ...bricks].slice(0, MAX_HITS));
  }

  /** The cell and the compositors that the text names. */
  #named(text: string): Hit[] {
    const hits: Hit[] = [];
    const cell = /^(-?\d+)[ ,]+(-?\d+)$/.exec(text);
    if (cell)
      hits.push({
        title: `${cell[1]}, ${cell[2]}`,
        detail: 'cell',
        goal: { x: Number(cell[1]), y: Number(cell[2]) },
      });
    for (const { id, name } of this.#options.compositors())
      if (name.toLowerCase().includes(text) || id.includes(text))
        hits.push({ title: name, detail: 'compositor', goal: { compositor: id }, owner: id });
    return hits;
  }

  #show(hits: Hit[]): void {
    this.#hits = hits;
    this.#active = hits.length > 0 ? 0 : -1;
    this.#options.list.replaceChildren(...hits.map((hit, i) => this.#option(hit, i)));
    if (hits.length === 0) this.#options.list.append(element('li', 'empty', 'Nothing has that name.'));
    this.#options.list.hidden = false;
    this.#options.input.setAttribute('aria-expanded', 'true');
    this.#mark();
  }

  #option(hit: Hit, index: number): HTMLElement {
    const option = element('li', 'hit');
    option.id = `hit-${index}`;
    option.setAttribute('role', 'option');
    const chip = element('i', 'chip');
    if (hit.owner !== undefined)
      chip.style.setProperty('--colour', cssOf(this.#options.palette.ownerOf(hit.owner).colour));
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
      this.#options.input.blur();
    } else if (key === 'Enter') this.#go(this.#active);
    else if ((key === 'ArrowDown' || key === 'ArrowUp') && this.#hits.length > 0) {
      const step = key === 'ArrowDown' ? 1 : -1;
      this.#active = (this.#active + step + this.#hits.length) % this.#hits.length;
      this.#mark();
    } else return;
    event.preventDefault();
  }

  #mark(): void {
    for (const [i, option] of [...this.#options.list.children].entries()) {
      option.setAttribute('aria-selected', String(i === this.#active));
      if (i === this.#active) option.scrollIntoView({ block: 'nearest' });
    }
    if (this.#active >= 0) this.#options.input.setAttribute('aria-activedescendant', `hit-${this.#active}`);
    else this.#options.input.removeAttribute('aria-activedescendant');
  }

  #go(index: number): void {
    const hit = this.#hits[index];
    if (!hit) return;
    this.#close();
    this.#options.input.blur();
    this.#options.onGo(hit);
  }

  #close(): void {
    this.#options.list.hidden = true;
    this.#options.input.setAttribute('aria-expanded', 'false');
    this.#options.input.removeAttribute('aria-activedescendant');
  }
}
