import type { Palette } from '../colours/palette.ts';
import type { Theme } from '../colours/theme.ts';
import type { Sight } from '../map/aim.ts';
import type { DisplayState } from '../map/display-state.ts';
import type { LiveMap } from '../map/live-map.ts';
import type { ServerClock } from '../map/server-clock.ts';
import { ApiError, type Api } from '../page/api.ts';
import type { LinkedMoment } from '../page/deep-link.ts';
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
  readonly sight: () => Sight;
  /** The page is about to show this moment, or the live map (undefined); see {@link Timeline}. */
  readonly onTravel: (moment: Moment | undefined, isStep: boolean) => void;
  /** It shows it. */
  readonly onShown: () => void;
  readonly onPick: (compositor: string) => void;
  /** Something has to be drawn. */
  readonly onDraw: () => void;
}

/** The page in the past: where it is, how it gets there, and what differs from another moment. */
export class Past {
  readonly timeline: Timeline;
  readonly comparison: ComparisonView;
  readonly #options: PastOptions;
  readonly #map: MapHistory;

  constructor(options: PastOptions) {
    const { api, display, statistics, live, clock, toast } = options;
    this.#options = options;
    this.#map = new MapHistory({
      api,
      display,
      total: () => statistics.total,
      onShown: (moment, counts) => {
        statistics.show(counts.compositors);
        this.timeline.shown(moment);
        this.#shown();
      },
      onGone: (cursor, oldest) => this.timeline.gone(cursor, oldest),
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
      hasOlder: async (cursor) => (await api.historyBefore(cursor, 1)).length > 0,
      onTravel: (moment, isStep) => this.#travel(moment, isStep),
    });
    this.comparison = new ComparisonView({
      ...options,
      timeline: this.timeline,
      commits,
      at: () => this.at(),
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

  set theme(theme: Theme) {
    this.comparison.theme = theme;
  }

  /** Goes to the moment of a link; undefined: to the live map. To the marked one is back out of the comparison. */
  async follow(moment: LinkedMoment | undefined): Promise<void> {
    if (moment && 'cursor' in moment && moment.cursor === this.comparison.from) this.comparison.stop();
    await this.timeline.goTo(moment);
  }

  sightMoved(): void {
    this.#map.sightMoved(this.#options.sight());
    this.comparison.update();
  }

  #travel(moment: Moment | undefined, isStep: boolean): void {
    const { live, statistics, sight, onTravel } = this.#options;
    // While the page still shows what it showed.
    onTravel(moment, isStep);
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
