import { cssOf } from '../colours/colour.ts';
import type { Palette } from '../colours/palette.ts';
import { parseRectangle, type Rectangle } from '../map/rectangle.ts';
import type { ComparisonReply, Differences, RegionDifference } from '../page/api.ts';
import { element, nameOf, plural, write } from '../page/dom.ts';
import {
  compositorRows,
  regionChangeOf,
  sumOf,
  type Change,
  type CompositorDifferences,
} from './comparison-rows.ts';
import { KINDS, type Kind } from './mark-colours.ts';

/** The most compositors in the list, those with most differences first; and the most regions. */
const MOST_ROWS = 50;

export interface ComparisonCardOptions {
  readonly root: HTMLElement;
  readonly title: HTMLElement;
  readonly counts: HTMLElement;
  readonly list: HTMLElement;
  readonly palette: Palette;
  readonly onPick: (id: string) => void;
  readonly onRegion: (rect: Rectangle) => void;
}

/** What a comparison found: how much was added, changed and removed, whose it is, and what became of compositors and regions. */
export class ComparisonCard {
  readonly #options: ComparisonCardOptions;

  constructor(options: ComparisonCardOptions) {
    this.#options = options;
  }

  hide(): void {
    this.#options.root.hidden = true;
  }

  set title(text: string) {
    write(this.#options.title, text);
  }

  /** A comparison begins, with nothing found so far. */
  begin(title: string): void {
    const { root, counts, list } = this.#options;
    this.title = title;
    counts.replaceChildren(element('span', 'soft', 'Comparing ...'));
    list.replaceChildren();
    root.hidden = false;
  }

  show(title: string, reply: ComparisonReply): void {
    const { root, counts, list } = this.#options;
    const { total, fleet, regions } = reply;
    this.title = title;
    const lines = [
      lineOf('Tiles', total),
      lineOf('Compositors', fleet.total),
      lineOf('Regions', regions.total),
    ].filter((line) => line !== undefined);
    const nothing = 'Nothing differs. Move the slider to compare with another moment.';
    counts.replaceChildren(...(lines.length > 0 ? lines : [element('span', 'soft', nothing)]));
    const rows = compositorRows(reply);
    list.replaceChildren(
      ...rows.slice(0, MOST_ROWS).map((row) => this.#compositor(row)),
      ...moreOf(rows.length - MOST_ROWS, 'more compositor'),
      ...regions.items.slice(0, MOST_ROWS).map((region) => this.#region(region)),
      ...moreOf(sumOf(regions.total) - Math.min(MOST_ROWS, regions.items.length), 'more region'),
    );
    root.hidden = false;
  }

  #compositor({ id, name, tiles, change }: CompositorDifferences): HTMLElement {
    const owner = this.#options.palette.ownerOf(id);
    const chip = element('i', 'chip');
    chip.style.setProperty('--colour', cssOf(owner.colour));
    const parts = [chip, nameOf(name ?? owner.name, 'comparison-name'), ...changeParts(change)];
    for (const { kind, sign } of KINDS)
      if (tiles[kind] > 0)
        parts.push(countOf(kind, `${sign} ${tiles[kind].toLocaleString('en')}`, `${kind} tiles`));
    return rowOf(parts, () => this.#options.onPick(id));
  }

  #region(region: RegionDifference): HTMLElement {
    const { compositor, purpose, rect } = region;
    const chip = element('i', 'region-chip');
    chip.style.setProperty('--colour', cssOf(this.#options.palette.ownerOf(compositor).colour));
    const name = nameOf(purpose === '' ? `Region of ${compositor}` : purpose, 'comparison-name');
    return rowOf([chip, name, ...changeParts(regionChangeOf(region))], () =>
      this.#options.onRegion(parseRectangle(rect)),
    );
  }
}

function rowOf(parts: readonly HTMLElement[], onClick: () => void): HTMLElement {
  const button = element('button', 'comparison-row');
  button.type = 'button';
  button.append(...parts);
  button.addEventListener('click', onClick);
  const row = element('li');
  row.append(button);
  return row;
}

/** What was added, changed and removed; undefined: nothing. */
function lineOf(what: string, total: Differences): HTMLElement | undefined {
  if (sumOf(total) === 0) return undefined;
  const [line, counts] = [element('span', 'comparison-line'), element('span', 'counts')];
  line.append(element('span', 'soft', what), counts);
  for (const { kind, sign } of KINDS)
    if (total[kind] > 0) counts.append(countOf(kind, `${sign} ${total[kind].toLocaleString('en')} ${kind}`));
  return line;
}

function changeParts(change: Change | undefined): HTMLElement[] {
  if (!change) return [];
  const { sign } = KINDS.find(({ kind }) => kind === change.kind)!;
  const made = countOf(change.kind, `${sign} ${change.words}`);
  made.classList.add('change');
  return [made];
}

function moreOf(count: number, what: string): HTMLElement[] {
  return count > 0 ? [element('li', 'soft', `and ${plural(count, what)}`)] : [];
}

function countOf(kind: Kind, text: string, spoken = ''): HTMLElement {
  const made = element('span', `count ${kind}`, text);
  if (spoken) made.append(element('span', 'visually-hidden', ` ${spoken}`));
  return made;
}
