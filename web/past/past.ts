import type { Palette } from '../colours/palette.ts';
import type { Theme } from '../colours/theme.ts';
import type { Sight } from '../map/aim.ts';
import type { DisplayState } from '../map/display-state.ts';
import type { LiveMap } from '../map/live-map.ts';
import type { Rectangle } from '../map/rectangle.ts';
import type { ServerClock } from '../map/server-clock.ts';
import type { Address } from '../page/address.ts';
import { agesAt, agesNow } from '../page/age.ts';
import { ApiError, type Api } from '../page/api.ts';
import type { Link } from '../page/deep-link.ts';
import type { DismissStack } from '../page/dismiss.ts';
import { byId, elementOf } from '../page/dom.ts';
import type { Statistics } from '../panels/statistics.ts';
import type { Toast } from '../panels/toast.ts';
import { CommitList } from './commit-list.ts';
import { ComparisonView } from './comparison-view.ts';
import { HistoryBars } from './history-bars.ts';
import { MapHistory } from './map-history.ts';
import type { Moment } from './moment.ts';
import { Timeline } from './timeline.ts';

export interface PastOptions {
  readonly api: Api;
  readonly display: DisplayState;
  readonly statistics: Statistics;
  readonly live: LiveMap;
  readonly clock: ServerClock;
  readonly palette: Palette;
  readonly toast: Toast;
  readonly dismiss: DismissStack;
  readonly address: Pick<Address, 'step' | 'schedule'>;
  readonly sight: () => Sight;
  /** The only compositor that is shown; undefined: all are. */
  readonly only: () => string | undefined;
  /** The page is about to show this moment, or the live map (undefined). */
  readonly onTravel: (moment: Moment | undefined) => void;
  /** It shows it. */
  readonly onShown: () => void;
  readonly onPick: (compositor: string) => void;
  readonly onRegion: (rect: Rectangle) => void;
  /** Something has to be drawn. */
  readonly onDraw: () => void;
}

/** The page in the past: where it is, how it gets there, and what differs from another moment. */
export class Past {
  readonly timeline: Timeline;
  readonly comparison: ComparisonView;
  readonly #options: PastOptions;
  readonly #map: MapHistory;
  /** How many links were followed. */
  #links = 0;

  constructor(options: PastOptions) {
    const { api, display, statistics, live, clock, toast, only } = options;
    this.#options = options;
    this.#map = new MapHistory({
      api,
      display,
      only,
      total: () => {
        const id = only();
        return id === undefined ? statistics.total : (statistics.of(id)?.tiles ?? 0);
      },
      onShown: (moment, counts) => {
        statistics.show(counts.compositors);
        this.timeline.shown(moment);
        this.#shown();
      },
      onGone: (cursor, oldest) => this.#gone(cursor, oldest),
      onError: (error) => toast.show(wordsOf(error)),
    });
    const commits = new CommitList(api);
    this.timeline = new Timeline({
      root: byId('timeline'),
      slider: elementOf('slider', HTMLInputElement),
      bars: new HistoryBars({ host: byId('bars') }),
      time: byId('history-time'),
      detail: byId('history-detail'),
      live: elementOf('live', HTMLButtonElement),
      play: elementOf('play', HTMLButtonElement),
      speed: elementOf('speed', HTMLButtonElement),
      back: elementOf('step-back', HTMLButtonElement),
      forward: elementOf('step-forward', HTMLButtonElement),
      commits,
      head: () => live.cursor,
      now: () => clock.now(),
      isShown: () => this.#map.isShown,
      say: (text) => toast.show(text, 15),
      onCommits: () => this.comparison.commitsRead(),
      hasOlder: async (cursor) => (await api.historyBefore(cursor, 1)).length > 0,
      onTravel: (moment, isStep) => this.#travel(moment, isStep),
    });
    this.comparison = new ComparisonView({
      ...options,
      timeline: this.timeline,
      commits,
      at: () => this.at(),
      isShown: () => this.at() === undefined || this.#map.isShown,
    });
  }

  /** The cursor of the moment shown; undefined: the map is live. */
  at(): string | undefined {
    return this.#map.cursor;
  }

  /** The time of the moment shown, in ms since 1970: what is new in it is new, however long ago that was. */
  now(): number {
    return Date.parse(this.timeline.moment?.committedAt ?? '') || this.#options.clock.now();
  }

  /** How long ago a time was at the moment shown, or now. */
  ageOf(ms: number): string {
    return (this.at() === undefined ? agesNow : agesAt)(this.now())(ms);
  }

  set theme(theme: Theme) {
    this.comparison.theme = theme;
  }

  /** Goes to the moment of a link, or to the live map, and compares it with the other one of the link, if it has one. */
  async follow({ moment, from }: Pick<Link, 'moment' | 'from'>): Promise<void> {
    const link = ++this.#links;
    const cursor = from && (await this.timeline.cursorOf(from));
    // Another one was followed meanwhile.
    if (link !== this.#links) return;
    await this.timeline.goTo(moment);
    if (link === this.#links) this.comparison.follow(cursor);
  }

  /** Shows another part of the map, or another compositor alone. */
  look(): void {
    this.#map.look(this.#options.sight());
    this.comparison.update();
  }

  #travel(moment: Moment | undefined, isStep: boolean): void {
    const { address } = this.#options;
    if (isStep) return address.step(() => this.#show(moment));
    this.#show(moment);
    address.schedule();
  }

  #show(moment: Moment | undefined): void {
    const { live, statistics, sight, onTravel } = this.#options;
    onTravel(moment);
    document.documentElement.toggleAttribute('data-arriving', moment !== undefined);
    if (moment) {
      live.pause();
      this.#map.show(moment.cursor, sight());
    } else {
      this.#map.leave();
      statistics.show(undefined);
      live.resume();
      this.#shown();
    }
  }

  #gone(cursor: string, oldest: string | undefined): void {
    const [compared, now] = [this.comparison.isOpen, 'This is the live map'];
    this.comparison.end();
    this.timeline.gone(cursor, oldest, compared ? `${now}, and nothing is compared.` : `${now}.`);
  }

  #shown(): void {
    document.documentElement.removeAttribute('data-arriving');
    this.comparison.update();
    this.#options.onShown();
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'The daemon does not answer; it is tried again.';
  return `The history cannot be read: ${error.message}. It is tried again.`;
}
