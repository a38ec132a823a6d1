import type { Compositor } from '../src/client/client.ts';
import { cssOf } from './colour.ts';
import { element, nameOf } from './dom.ts';
import type { Statistics } from './statistics.ts';
import type { Palette } from './palette.ts';

/** The most rows: a longer list is of no use, and the search finds the other compositors. */
const MAX_ROWS = 300;

interface Row {
  readonly root: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly chip: HTMLElement;
  readonly name: HTMLElement;
  readonly count: HTMLElement;
  readonly line: HTMLElement;
  readonly lease: HTMLElement;
}

export interface PanelOptions {
  readonly list: HTMLElement;
  readonly total: HTMLElement;
  readonly palette: Palette;
  readonly statistics: Statistics;
  readonly compositors: () => ReadonlyMap<string, Compositor>;
  readonly onPick: (id: string) => void;
}

/** The list of compositors: status, lease, latency and tiles. A click moves the map to the compositor. */
export class Panel {
  readonly #options: PanelOptions;
  readonly #rows = new Map<string, Row>();
  #due = false;

  constructor(options: PanelOptions) {
    this.#options = options;
    // The remaining lease time changes every second.
    setInterval(() => this.invalidate(), 1000);
  }

  /** Updates the list with the next animation frame, once for any number of calls. */
  invalidate(): void {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#write();
    });
  }

  #write(): void {
    const compositors = this.#options.compositors();
    const tilesOf = (id: string) => this.#options.statistics.of(id)?.tiles ?? 0;
    const sorted = [...compositors.values()]
      .sort((a, b) => tilesOf(b.id) - tilesOf(a.id) || (a.id < b.id ? -1 : 1))
      .slice(0, MAX_ROWS);
    const listed = new Set(sorted.map(({ id }) => id));
    // Removes also the rows that no longer fit: nothing would update them.
    for (const [id, row] of this.#rows)
      if (!listed.has(id)) {
        row.root.remove();
        this.#rows.delete(id);
      }
    for (const [i, entry] of sorted.entries()) {
      const row = this.#rows.get(entry.id) ?? this.#add(entry.id);
      this.#fill(row, entry);
      // Moves only misplaced rows: a moved row loses the focus.
      if (this.#options.list.children[i] !== row.root)
        this.#options.list.insertBefore(row.root, this.#options.list.children[i] ?? null);
    }
    const tiles = [...compositors.keys()].reduce((sum, id) => sum + tilesOf(id), 0);
    write(this.#options.total, `${plural(compositors.size, 'compositor')} · ${plural(tiles, 'tile')}`);
  }

  #add(id: string): Row {
    const root = element('li');
    const button = element('button', 'row');
    button.type = 'button';
    const [chip, name, count, line] = [
      element('i', 'chip'),
      nameOf('', 'row-name'),
      element('span', 'row-count'),
      element('span', 'row-line'),
    ];
    const lease = element('i', 'lease');
    button.append(chip, name, count, line, lease);
    button.addEventListener('click', () => this.#options.onPick(id));
    root.append(button);
    const row = { root, button, chip, name, count, line, lease };
    this.#rows.set(id, row);
    return row;
  }

  #fill(row: Row, entry: Compositor): void {
    const owner = this.#options.palette.ownerOf(entry.id);
    const stats = this.#options.statistics.of(entry.id);
    row.chip.style.setProperty('--colour', cssOf(owner.colour));
    row.root.dataset['status'] = entry.status;
    write(row.name, entry.name);
    if (row.name.title !== entry.name) row.name.title = entry.name;
    write(row.count, (stats?.tiles ?? 0).toLocaleString('en'));
    const parts = [entry.status];
    const left = stats?.lease ? (stats.lease.expiresAt - Date.now()) / 1000 : undefined;
    if (left !== undefined) parts.push(left > 0 ? `lease ${duration(left)}` : 'lease over');
    else if (stats) parts.push('no lease');
    if (stats?.latencyMs !== undefined) parts.push(`${Math.round(stats.latencyMs)} ms`);
    write(row.line, parts.join(' · '));
    const share = left === undefined || !stats?.lease ? 0 : Math.min(1, Math.max(0, left / stats.lease.ttl));
    row.lease.style.setProperty('--share', share.toFixed(3));
    const label = `${entry.name}, ${parts.join(', ')}, ${plural(stats?.tiles ?? 0, 'tile')}. Go there.`;
    if (row.button.getAttribute('aria-label') !== label) row.button.setAttribute('aria-label', label);
  }
}

/** Skips equal text: writing it would make the browser lay it out again. */
function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
