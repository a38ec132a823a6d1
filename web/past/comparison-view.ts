import type { Palette } from '../colours/palette.ts';
import type { Theme } from '../colours/theme.ts';
import type { Sight } from '../map/aim.ts';
import type { LiveMap } from '../map/live-map.ts';
import type { Rectangle } from '../map/rectangle.ts';
import type { ServerClock } from '../map/server-clock.ts';
import type { Address } from '../page/address.ts';
import type { Api } from '../page/api.ts';
import type { DismissStack } from '../page/dismiss.ts';
import { byId, elementOf } from '../page/dom.ts';
import type { Toast } from '../panels/toast.ts';
import type { CommitList } from './commit-list.ts';
import { ComparisonCard } from './comparison-card.ts';
import { Comparison, pairOf, type Found, type Pair } from './comparison.ts';
import { MarkLayer } from './mark-layer.ts';
import { revisionOf, revisionText, timeText } from './moment.ts';
import type { Timeline } from './timeline.ts';

export interface ComparisonViewOptions {
  readonly api: Api;
  readonly live: LiveMap;
  readonly clock: ServerClock;
  readonly palette: Palette;
  readonly toast: Toast;
  readonly dismiss: DismissStack;
  readonly address: Pick<Address, 'step' | 'schedule'>;
  readonly timeline: Timeline;
  readonly commits: CommitList;
  readonly sight: () => Sight;
  readonly at: () => string | undefined;
  readonly isShown: () => boolean;
  readonly only: () => string | undefined;
  readonly onPick: (compositor: string) => void;
  readonly onRegion: (rect: Rectangle) => void;
  readonly onDraw: () => void;
}

/** Comparing, as one sees it: the button, the card with the counts, the mark on the slider, and the colours on the map. */
export class ComparisonView {
  readonly layer = new MarkLayer();
  readonly #options: ComparisonViewOptions;
  readonly #comparison: Comparison;
  readonly #card: ComparisonCard;
  readonly #button = elementOf('compare', HTMLButtonElement);
  readonly #mark = byId('compare-mark');
  #found: Found | undefined;
  #closed: () => void = () => undefined;

  constructor(options: ComparisonViewOptions) {
    this.#options = options;
    const { palette, live, onPick, onRegion, onDraw } = options;
    this.#card = new ComparisonCard({
      root: byId('comparison'),
      title: byId('comparison-title'),
      counts: byId('comparison-counts'),
      list: byId('comparison-list'),
      palette,
      ...{ onPick, onRegion },
    });
    this.#comparison = new Comparison({
      ...options,
      head: () => live.cursor,
      onChange: (found) => {
        this.#found = found;
        this.layer.show(found?.marks);
        this.#showCard();
        this.#placeMark();
        onDraw();
      },
      onGone: (cursors) => this.#gone(cursors),
    });
    this.#button.addEventListener('click', () => this.toggle());
    byId('comparison-close').addEventListener('click', () => this.stop());
  }

  get isOpen(): boolean {
    return this.#comparison.from !== undefined;
  }

  /** The cursor of the marked moment; undefined: nothing is compared. */
  get from(): string | undefined {
    return this.#comparison.from;
  }

  set theme(theme: Theme) {
    this.layer.theme = theme;
    // The colours of compositors are others.
    this.#showCard();
  }

  /** Compares the moment shown with now, and then with whatever moment is shown; or ends that. Back undoes it. */
  toggle(): void {
    if (this.isOpen) return this.stop();
    const { timeline, live, at, address } = this.#options;
    const from = at() ?? live.cursor;
    if (from === undefined) return;
    address.step(() => {
      timeline.live();
      this.#begin(from);
    });
  }

  /** Ends it, as somebody wants it: Back leads back to it. */
  stop(): void {
    this.#options.address.step(() => this.end());
  }

  /** Compares with this moment, as an address wants it; undefined: nothing is compared. */
  follow(cursor: string | undefined): void {
    if (cursor === undefined) this.end();
    else if (cursor !== this.from) this.#begin(cursor);
    this.#options.address.schedule();
  }

  end(): void {
    this.#closed();
    this.#button.setAttribute('aria-pressed', 'false');
    document.documentElement.toggleAttribute('data-comparing', false);
    this.#card.hide();
    this.#comparison.stop();
    this.#placeMark();
  }

  #begin(from: string): void {
    const { dismiss } = this.#options;
    this.#closed();
    this.#closed = dismiss.opened(() => this.stop());
    this.#button.setAttribute('aria-pressed', 'true');
    document.documentElement.toggleAttribute('data-comparing', true);
    this.#found = undefined;
    this.#card.begin(this.#titleOf(pairOf(from, this.#options.at())));
    this.#comparison.start(from);
    this.#placeMark();
  }

  /** Another moment or another part of the map is shown. */
  update(): void {
    this.#comparison.update();
  }

  /** More commits are known: those that are compared may be among them. */
  commitsRead(): void {
    const { from } = this;
    if (from === undefined) return;
    this.#card.title = this.#titleOf(this.#found?.pair ?? pairOf(from, this.#options.at()));
    this.#placeMark();
  }

  #showCard(): void {
    if (this.#found) this.#card.show(this.#titleOf(this.#found.pair), this.#found.whole);
  }

  #titleOf({ since, to }: Pair): string {
    return `${this.#text(since)} → ${to === undefined ? 'now' : this.#text(to)}`;
  }

  #text(cursor: string): string {
    const { commits, clock } = this.#options;
    const commit = commits.at(commits.indexOf(cursor));
    const time = commit ? ` · ${timeText(commit.committedAt, clock.now())}` : '';
    return revisionText(revisionOf(cursor)) + time;
  }

  #placeMark(): void {
    const { commits } = this.#options;
    const index = commits.indexOf(this.#comparison.from);
    this.#mark.hidden = index < 0;
    this.#mark.style.setProperty('--share', String(index / Math.max(1, commits.length - 1)));
  }

  #gone(cursors: readonly string[]): void {
    const { toast, address } = this.#options;
    this.end();
    address.schedule();
    const names = cursors.map((cursor) => revisionText(revisionOf(cursor)));
    const text =
      names.length > 1
        ? `${names.join(' and ')} are no longer in the history, so they cannot be compared.`
        : `${names.join()} is no longer in the history, so nothing can be compared with it.`;
    toast.show(text, 15);
  }
}
