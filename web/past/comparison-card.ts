import { cssOf } from '../colours/colour.ts';
import type { Palette } from '../colours/palette.ts';
import type { ComparisonReply, Differences } from '../page/api.ts';
import { element, nameOf, plural } from '../page/dom.ts';
import { KINDS } from './mark-colours.ts';

/** The most compositors in the list: those with most differences. */
const MOST_ROWS = 50;

export interface ComparisonCardOptions {
  readonly root: HTMLElement;
  readonly title: HTMLElement;
  readonly counts: HTMLElement;
  readonly list: HTMLElement;
  readonly palette: Palette;
  readonly onPick: (id: string) => void;
}

/** What a comparison found: how much was added, changed and removed, and whose it is. */
export class ComparisonCard {
  readonly #options: ComparisonCardOptions;

  constructor(options: ComparisonCardOptions) {
    this.#options = options;
  }

  hide(): void {
    this.#options.root.hidden = true;
  }

  /** A comparison begins, with nothing found so far. */
  begin(title: string): void {
    const { root, counts, list } = this.#options;
    this.#title(title);
    counts.replaceChildren(element('span', 'soft', 'Comparing ...'));
    list.replaceChildren();
    root.hidden = false;
  }

  show(title: string, { total, compositors }: ComparisonReply): void {
    const { root, counts, list } = this.#options;
    this.#title(title);
    counts.replaceChildren(
      ...(sumOf(total) === 0
        ? [
            element(
              'span',
              'soft',
              'No tile differs; only tiles are compared. Move the slider to compare with another moment.',
            ),
          ]
        : KINDS.map(({ kind, sign }) =>
            countOf(kind, `${sign} ${total[kind].toLocaleString('en')} ${kind}`),
          )),
    );
    const sorted = Object.entries(compositors).sort(([, a], [, b]) => sumOf(b) - sumOf(a));
    list.replaceChildren(...sorted.slice(0, MOST_ROWS).map(([id, each]) => this.#row(id, each)));
    const left = sorted.length - MOST_ROWS;
    if (left > 0) list.append(element('li', 'soft', `and ${plural(left, 'more compositor')}`));
    root.hidden = false;
  }

  #title(text: string): void {
    if (this.#options.title.textContent !== text) this.#options.title.textContent = text;
  }

  #row(id: string, differences: Differences): HTMLElement {
    const { name, colour } = this.#options.palette.ownerOf(id);
    const chip = element('i', 'chip');
    chip.style.setProperty('--colour', cssOf(colour));
    const button = element('button', 'comparison-row');
    button.type = 'button';
    button.append(chip, nameOf(name, 'comparison-name'));
    for (const { kind, sign } of KINDS)
      if (differences[kind] > 0)
        button.append(countOf(kind, `${sign} ${differences[kind].toLocaleString('en')}`, kind));
    button.addEventListener('click', () => this.#options.onPick(id));
    const row = element('li');
    row.append(button);
    return row;
  }
}

function countOf(kind: string, text: string, spoken = ''): HTMLElement {
  const made = element('span', `count ${kind}`, text);
  if (spoken) made.append(element('span', 'visually-hidden', ` ${spoken}`));
  return made;
}

function sumOf({ added, changed, removed }: Differences): number {
  return added + changed + removed;
}
