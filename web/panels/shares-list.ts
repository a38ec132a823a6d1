import { cssOf } from '../colours/colour.ts';
import { element, plural } from '../page/dom.ts';
import type { DetailsContext } from './context.ts';
import { ownerButton } from './owner-button.ts';
import { percentOf, type Shares } from './shares.ts';

/** The most owners that are listed. */
const MAX_ROWS = 12;

/** Owners with their shares of some tiles, the largest first. */
export class SharesList {
  readonly root = element('ul', 'shares');
  readonly #context: DetailsContext;
  #written = '';

  constructor(context: DetailsContext) {
    this.#context = context;
  }

  write({ owners, tiles, others }: Shares): void {
    const { palette } = this.#context;
    const named = owners.slice(0, MAX_ROWS);
    const rest = others + owners.slice(MAX_ROWS).reduce((sum, [, count]) => sum + count, 0);
    const key = JSON.stringify([named.map(([id, count]) => [palette.ownerOf(id), count]), rest]);
    if (key === this.#written) return;
    this.#written = key;
    const rows = named.map(([id, count]) => this.#row(id, count, tiles));
    if (rest > 0) {
      const row = element('li', 'share');
      row.append(element('span', 'details-note', 'Others'), countOf(rest, tiles));
      rows.push(row);
    }
    this.root.replaceChildren(...rows);
  }

  #row(id: string, count: number, tiles: number): HTMLElement {
    const { palette, open } = this.#context;
    const row = element('li', 'share');
    row.style.setProperty('--share', (count / tiles).toFixed(4));
    row.style.setProperty('--colour', cssOf(palette.ownerOf(id).colour));
    row.append(
      ownerButton(palette, id, () => open({ kind: 'compositor', id })),
      countOf(count, tiles),
    );
    return row;
  }
}

function countOf(count: number, tiles: number): HTMLElement {
  const text = element('span', 'share-count', `${count.toLocaleString('en')} · ${percentOf(count, tiles)}`);
  text.title = plural(count, 'tile');
  return text;
}
