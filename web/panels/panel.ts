import type { Compositor } from '../../src/client/client.ts';
import type { Palette } from '../colours/palette.ts';
import { byId, plural, write } from '../page/dom.ts';
import { CompositorRow } from './compositor-row.ts';
import { FoldButton } from './fold-button.ts';
import { countsOf, orderOf, problemsIn, sharedNames } from './list-order.ts';
import { StateChips } from './state-chips.ts';
import type { Statistics } from './statistics.ts';
import { VirtualList } from './virtual-list.ts';

/** Pixels; list.css has the same. */
const ROW_HEIGHT = 46;
/** The least milliseconds between two writings: of ten thousand compositors one changes all the time. */
const WRITE_INTERVAL = 250;

/** Its elements. */
export interface PanelParts {
  readonly list: HTMLElement;
  readonly scroller: HTMLElement;
  readonly states: HTMLElement;
  readonly total: HTMLElement;
  readonly fold: FoldButton;
}

/** Those of index.html. */
export function panelParts(): PanelParts {
  return {
    list: byId('compositors'),
    scroller: byId('compositors-scroll'),
    states: byId('states'),
    total: byId('total'),
    fold: new FoldButton({ panel: byId('panel'), button: byId('fold'), count: byId('problems') }),
  };
}

export interface PanelOptions {
  readonly parts: PanelParts;
  readonly palette: Palette;
  readonly statistics: Statistics;
  readonly compositors: () => ReadonlyMap<string, Compositor>;
  /** The one that is open. */
  readonly open: () => string | undefined;
  /** The daemon's clock, ms. */
  readonly now: () => number;
  readonly onPick: (id: string) => void;
}

/** The list of compositors, problems first: state, lease, latency and tiles. A click opens one, chips filter them by state. */
export class Panel {
  readonly #options: PanelOptions;
  readonly #rows: VirtualList;
  readonly #chips: StateChips;
  #shared: ReadonlySet<string> = new Set();
  #due = false;
  #writtenAt = -Infinity;

  constructor(options: PanelOptions) {
    this.#options = options;
    const { list, scroller, states } = options.parts;
    this.#chips = new StateChips({ host: states });
    this.#chips.onChange = () => {
      scroller.scrollTop = 0;
      this.#write();
    };
    this.#rows = new VirtualList({
      ...{ list, scroller, rowHeight: ROW_HEIGHT },
      makeRow: (id) => {
        const row = new CompositorRow(() => options.onPick(id));
        return { button: row.button, write: () => this.#fill(row, id) };
      },
    });
    // The remaining lease time changes every second.
    setInterval(() => this.invalidate(), 1000);
  }

  /** Updates the list soon, once for any number of calls. */
  invalidate(): void {
    if (this.#due) return;
    this.#due = true;
    const wait = Math.max(0, this.#writtenAt + WRITE_INTERVAL - performance.now());
    setTimeout(
      () =>
        requestAnimationFrame(() => {
          this.#due = false;
          this.#write();
        }),
      wait,
    );
  }

  #write(): void {
    const { statistics, parts } = this.#options;
    const compositors = this.#options.compositors();
    const tilesOf = (id: string) => statistics.of(id)?.tiles ?? 0;
    const isFailing = (id: string) => statistics.of(id)?.isFailing === true;
    this.#shared = sharedNames(compositors.values());
    const counts = countsOf(compositors.values());
    this.#chips.write(counts);
    parts.fold.problems = problemsIn(counts);
    this.#rows.show(orderOf(compositors.values(), { tilesOf, isFailing }, this.#chips.chosen));
    let tiles = 0;
    for (const id of compositors.keys()) tiles += tilesOf(id);
    write(parts.total, `${plural(compositors.size, 'compositor')} · ${plural(tiles, 'tile')}`);
    this.#writtenAt = performance.now();
  }

  #fill(row: CompositorRow, id: string): void {
    const { palette, statistics, open, now } = this.#options;
    const entry = this.#options.compositors().get(id);
    if (!entry) return;
    row.write({
      ...{ entry, owner: palette.ownerOf(id), statistics: statistics.of(id), now: now() },
      ...{ isShared: this.#shared.has(entry.name), isOpen: open() === id },
    });
  }
}
