import type { Compositor } from '../../src/client/client.ts';
import type { Api } from '../page/api.ts';
import { cssOf } from '../colours/colour.ts';
import { element, nameOf } from '../page/dom.ts';
import type { Palette } from '../colours/palette.ts';
import { sharedNames } from './list-order.ts';
import { cellOf, holds, PLANE } from '../map/rectangle.ts';

const MAX_HITS = 30;
/** Characters of a name at most; an emoji is one, though two in a string. */
const LONGEST = 255;

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
  readonly compositors: () => Iterable<Compositor>;
  /** The cursor of the moment to search; undefined: now. */
  readonly at: () => string | undefined;
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

  /** Another moment is shown: what is listed is of the one before. */
  momentChanged(): void {
    if (!this.#options.list.hidden) void this.#find();
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
    const at = this.#options.at();
    const query = {
      brick: Array.from(text).slice(0, LONGEST).join(''),
      near: `${x},${y}`,
      limit: String(MAX_HITS),
      ...(at !== undefined && { at }),
    };
    const found = await this.#options.api.search(query).catch(() => undefined);
    // The answer may come after the user has typed on, or when another moment is shown.
    if (!found || document.activeElement !== this.#options.input || this.#text !== text) return;
    if (this.#options.at() !== at) return;
    const bricks = found.items.map(({ cell, brick, compositor }): Hit => {
      const [x, y] = cellOf(cell);
      return { title: brick, detail: `${x}, ${y}`, goal: { x, y }, owner: compositor };
    });
    this.#show([...named, ...bricks], bricks.length === MAX_HITS);
  }

  /** The cell and the compositors that the text names. */
  #named(text: string): Hit[] {
    const hits: Hit[] = [];
    const cell = /^(-?\d+)[ ,]+(-?\d+)$/.exec(text);
    const [x, y] = [Number(cell?.[1]), Number(cell?.[2])];
    if (holds(PLANE, x, y)) hits.push({ title: `${x}, ${y}`, detail: 'cell', goal: { x, y } });
    const found = [...this.#options.compositors()].filter(
      ({ id, name }) => name.toLowerCase().includes(text) || id.includes(text),
    );
    const shared = sharedNames(found);
    for (const { id, name } of found) {
      const detail = shared.has(name) ? `compositor ${id}` : 'compositor';
      hits.push({ title: name, detail, goal: { compositor: id }, owner: id });
    }
    return hits;
  }

  /** `isPart`: there are still others, nobody knows how many. */
  #show(found: Hit[], isPart = false): void {
    const hits = found.slice(0, MAX_HITS);
    this.#hits = hits;
    this.#active = hits.length > 0 ? 0 : -1;
    this.#options.list.replaceChildren(...hits.map((hit, i) => this.#option(hit, i)));
    if (hits.length === 0) this.#options.list.append(line('Nothing has that name.'));
    else if (found.length > MAX_HITS || isPart)
      this.#options.list.append(line(countText(hits.length, found.length, isPart)));
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

function countText(listed: number, found: number, isPart: boolean): string {
  const total = `${found.toLocaleString('en')}${isPart ? ' or more' : ''}`;
  return `${listed.toLocaleString('en')} of ${total}`;
}

/** A line that cannot be chosen. */
function line(text: string): HTMLElement {
  const option = element('li', 'empty', text);
  // A list box may hold only options.
  option.setAttribute('role', 'option');
  option.setAttribute('aria-disabled', 'true');
  return option;
}
