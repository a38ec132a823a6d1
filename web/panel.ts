import type { Compositor } from '../src/client/client.ts';
import { cssOf } from './colour.ts';
import { element, nameOf } from './dom.ts';
import type { Inventory } from './inventory.ts';
import type { Palette } from './palette.ts';

/** Rows at once: a list of thousands helps nobody, and the search finds the others. */
const MOST = 300;

interface Row {
  readonly root: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly chip: HTMLElement;
  readonly name: HTMLElement;
  readonly count: HTMLElement;
  readonly line: HTMLElement;
  readonly lease: HTMLElement;
}

/** The list of compositors: what each is doing, its lease, latency and tiles. A press goes to where it is. */
export class Panel {
  readonly #list: HTMLElement;
  readonly #total: HTMLElement;
  readonly #palette: Palette;
  readonly #inventory: Inventory;
  readonly #compositors: () => ReadonlyMap<string, Compositor>;
  readonly #onPick: (id: string) => void;
  readonly #rows = new Map<string, Row>();
  #due = false;

  constructor(options: {
    list: HTMLElement;
    total: HTMLElement;
    palette: Palette;
    inventory: Inventory;
    compositors: () => ReadonlyMap<string, Compositor>;
    onPick: (id: string) => void;
  }) {
    this.#list = options.list;
    this.#total = options.total;
    this.#palette = options.palette;
    this.#inventory = options.inventory;
    this.#compositors = options.compositors;
    this.#onPick = options.onPick;
    // Leases run down between two answers.
    setInterval(() => this.invalidate(), 1000);
  }

  /** Something is new; it is written with the next frame, once for all that came. */
  invalidate(): void {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#write();
    });
  }

  #write(): void {
    const compositors = this.#compositors();
    const tilesOf = (id: string) => this.#inventory.of(id)?.tiles ?? 0;
    const sorted = [...compositors.values()]
      .sort((a, b) => tilesOf(b.id) - tilesOf(a.id) || (a.id < b.id ? -1 : 1))
      .slice(0, MOST);
    const listed = new Set(sorted.map(({ id }) => id));
    // Also of those that others have pushed out: nobody would write what they do any more.
    for (const [id, row] of this.#rows)
      if (!listed.has(id)) {
        row.root.remove();
        this.#rows.delete(id);
      }
    for (const [i, entry] of sorted.entries()) {
      const row = this.#rows.get(entry.id) ?? this.#add(entry.id);
      this.#fill(row, entry);
      // Only what stands wrong is moved, or the row that has the focus would lose it.
      if (this.#list.children[i] !== row.root)
        this.#list.insertBefore(row.root, this.#list.children[i] ?? null);
    }
    const tiles = [...compositors.keys()].reduce((sum, id) => sum + tilesOf(id), 0);
    write(this.#total, `${plural(compositors.size, 'compositor')} · ${plural(tiles, 'tile')}`);
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
    button.addEventListener('click', () => this.#onPick(id));
    root.append(button);
    const row = { root, button, chip, name, count, line, lease };
    this.#rows.set(id, row);
    return row;
  }

  #fill(row: Row, entry: Compositor): void {
    const owner = this.#palette.ownerOf(entry.id);
    const known = this.#inventory.of(entry.id);
    row.chip.style.setProperty('--colour', cssOf(owner.colour));
    row.root.dataset['status'] = entry.status;
    write(row.name, entry.name);
    if (row.name.title !== entry.name) row.name.title = entry.name;
    write(row.count, (known?.tiles ?? 0).toLocaleString('en'));
    const parts = [entry.status];
    const left = known?.lease ? (known.lease.expiresAt - Date.now()) / 1000 : undefined;
    if (left !== undefined) parts.push(left > 0 ? `lease ${duration(left)}` : 'lease over');
    else if (known) parts.push('no lease');
    if (known?.latencyMs !== undefined) parts.push(`${Math.round(known.latencyMs)} ms`);
    write(row.line, parts.join(' · '));
    const share = left === undefined || !known?.lease ? 0 : Math.min(1, Math.max(0, left / known.lease.ttl));
    row.lease.style.setProperty('--share', share.toFixed(3));
    const label = `${entry.name}, ${parts.join(', ')}, ${plural(known?.tiles ?? 0, 'tile')}. Go there.`;
    if (row.button.getAttribute('aria-label') !== label) row.button.setAttribute('aria-label', label);
  }
}

/** Writing the same text again would make the browser lay it out again. */
function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
