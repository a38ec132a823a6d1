import { element } from '../page/dom.ts';
import { rowAfter, windowOf } from './list-window.ts';

/** A row as it is made once and written again and again. */
export interface ListRow {
  /** Takes the focus; the row is around it. */
  readonly button: HTMLButtonElement;
  write(): void;
}

export interface VirtualListOptions {
  /** A `<ul>` within an element that scrolls. */
  readonly list: HTMLElement;
  readonly scroller: HTMLElement;
  /** Pixels, of each row. */
  readonly rowHeight: number;
  readonly makeRow: (key: string) => ListRow;
}

/**
 * A list of which only the rows in sight are made, however long it is. Tab leads to one of its rows, arrows from there to all
 * others; assistive technology is told which of how many each is.
 */
export class VirtualList {
  readonly #options: VirtualListOptions;
  readonly #rows = new Map<string, ListRow & { readonly root: HTMLLIElement }>();
  #keys: readonly string[] = [];
  #places = new Map<string, number>();
  /** The row that Tab leads to. */
  #current: string | undefined;

  constructor(options: VirtualListOptions) {
    this.#options = options;
    const { list, scroller } = options;
    scroller.addEventListener('scroll', () => this.#draw(false), { passive: true });
    new ResizeObserver(() => this.#draw(false)).observe(scroller);
    list.addEventListener('keydown', (event) => this.#key(event));
    list.addEventListener('focusin', ({ target }) => {
      const row = [...this.#rows].find(([, { button }]) => button === target);
      if (row) this.#choose(row[0]);
    });
  }

  /** These rows, in this order. */
  show(keys: readonly string[]): void {
    this.#keys = keys;
    this.#places = new Map(keys.map((key, i) => [key, i]));
    if (this.#current === undefined || !this.#places.has(this.#current)) this.#current = keys[0];
    this.#options.list.style.height = `${keys.length * this.#options.rowHeight}px`;
    this.#draw(true);
  }

  /** Scrolls so that this row is seen. */
  reveal(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    const { scroller, rowHeight } = this.#options;
    const top = place * rowHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + rowHeight > scroller.scrollTop + scroller.clientHeight)
      scroller.scrollTop = top + rowHeight - scroller.clientHeight;
  }

  /** `all`: also what is in the rows. */
  #draw(all: boolean): void {
    const { list, scroller, rowHeight } = this.#options;
    const { scrollTop, clientHeight: height } = scroller;
    const { first, end } = windowOf({ scrollTop, height, rowHeight, count: this.#keys.length });
    const wanted = new Set(this.#keys.slice(first, end));
    // Who has the focus keeps it, wherever the list is scrolled to; and Tab finds its row.
    if (this.#current !== undefined) wanted.add(this.#current);
    for (const [key, { root }] of this.#rows) {
      if (wanted.has(key)) continue;
      root.remove();
      this.#rows.delete(key);
    }
    for (const key of wanted) {
      const known = this.#rows.get(key);
      const row = known ?? this.#add(key);
      const place = this.#places.get(key)!;
      if (all || !known) row.write();
      row.root.style.transform = `translateY(${place * rowHeight}px)`;
      row.root.ariaPosInSet = String(place + 1);
      row.root.ariaSetSize = String(this.#keys.length);
      row.button.tabIndex = key === this.#current ? 0 : -1;
    }
    this.#sort(list);
  }

  /** Rows stand in the document as on the screen, for those who read it. The one with the focus would lose it if it moved. */
  #sort(list: HTMLElement): void {
    const sorted = [...this.#rows].sort(([a], [b]) => this.#places.get(a)! - this.#places.get(b)!);
    if (sorted.every(([, { root }], i) => list.children[i] === root)) return;
    const fixed = sorted.findIndex(([, { button }]) => button === document.activeElement);
    const anchor = sorted[fixed]?.[1].root ?? null;
    for (const [i, [, { root }]] of sorted.entries())
      if (i < fixed) list.insertBefore(root, anchor);
      else if (i > fixed) list.append(root);
  }

  #add(key: string): ListRow & { readonly root: HTMLLIElement } {
    const root = element('li');
    const made = this.#options.makeRow(key);
    root.append(made.button);
    const row = { root, button: made.button, write: () => made.write() };
    this.#rows.set(key, row);
    this.#options.list.append(root);
    return row;
  }

  #choose(key: string): void {
    const before = this.#current === undefined ? undefined : this.#rows.get(this.#current);
    if (before) before.button.tabIndex = -1;
    this.#current = key;
    this.#rows.get(key)!.button.tabIndex = 0;
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#current === undefined) return;
    const { scroller, rowHeight } = this.#options;
    const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight) - 1);
    const from = this.#places.get(this.#current) ?? 0;
    const to = rowAfter(event.key, from, { count: this.#keys.length, page });
    const key = to === undefined ? undefined : this.#keys[to];
    if (key === undefined) return;
    event.preventDefault();
    this.reveal(key);
    this.#current = key;
    this.#draw(false);
    this.#rows.get(key)!.button.focus({ preventScroll: true });
  }
}
