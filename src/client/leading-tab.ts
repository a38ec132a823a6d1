import { MovingLink, type Moment, type Sink, type State } from './moving-link.ts';
import type { LinkSettings } from './stream-link.ts';
import type { Saying } from './tab-message.ts';
import { covers, selectEntries, union, type View } from './view.ts';

export interface LeadingTabOptions {
  readonly me: string;
  readonly view: View;
  readonly settings: LinkSettings;
  readonly sink: Sink;
  readonly post: (message: Saying) => void;
  /** Calls `run` when the tab `id` is there no more. */
  readonly gone: (id: string, signal: AbortSignal, run: () => void) => void;
}

/** What the tab that leads does: keeps the one stream, and gives each tab its part. */
export class LeadingTab {
  readonly link: MovingLink;
  readonly over: Promise<void>;
  readonly #options: LeadingTabOptions;
  readonly #views: Map<string, View>;
  /** Tabs that wait for their part. */
  readonly #waiting = new Set<string>();
  readonly #stop = new AbortController();
  #state: State = 'connecting';
  #moment: Moment | undefined;
  #end: () => void = () => undefined;

  constructor(options: LeadingTabOptions) {
    this.#options = options;
    this.#views = new Map([[options.me, options.view]]);
    this.over = new Promise((resolve) => (this.#end = resolve));
    const { sink } = options;
    this.link = new MovingLink(options.view, options.settings, {
      replace: (whole, _view, moment) => {
        // The first snapshot, as it comes: of no use to others before it is whole.
        if (!moment.exact) return sink.replace(whole, this.#views.get(options.me)!, moment);
        this.#moment = moment;
        for (const id of this.#views.keys()) this.#waiting.add(id);
        this.#give(true);
      },
      patch: (changes, moment) => {
        sink.patch(changes, moment);
        if (!moment.exact) return;
        this.#moment = moment;
        // By itself, a tab would only have each frame copied.
        if (this.#views.size > 1) options.post({ type: 'frame', stream: this.link.view, changes, moment });
        this.#give(true);
      },
      state: (state, problem) => {
        const isNews = state !== this.#state || problem !== undefined;
        this.#state = state;
        sink.state(state, problem);
        if (isNews) options.post({ type: 'state', state, problem });
      },
    });
  }

  join(id: string, view: View): void {
    if (!this.#views.has(id)) this.#options.gone(id, this.#stop.signal, () => this.#left(id));
    this.#views.set(id, view);
    this.#waiting.add(id);
    // Whatever follows: the leader lives.
    this.#options.post({ type: 'state', state: this.#state });
    this.link.moveTo(union([...this.#views.values()]));
    this.#give();
  }

  close(): void {
    this.#stop.abort();
    this.link.close();
    this.#end();
  }

  #left(id: string): void {
    this.#views.delete(id);
    this.#waiting.delete(id);
    this.link.moveTo(union([...this.#views.values()]));
  }

  /** Gives their part to those who wait and whose view is there; `arrived` with a frame that makes the map live. */
  #give(arrived = false): void {
    const { copy, view: stream } = this.link;
    if (!this.#moment || !copy.exact) return;
    // Without its sign of life: that one is not of now.
    const moment = { id: this.#moment.id, exact: true };
    for (const id of this.#waiting) {
      const view = this.#views.get(id)!;
      if (!covers(stream, view)) continue;
      this.#waiting.delete(id);
      if (id === this.#options.me) this.#options.sink.replace(copy, view, arrived ? this.#moment : moment);
      else {
        const { compositors, tiles } = selectEntries(copy, stream, view);
        const entries = JSON.stringify([[...compositors], [...tiles]]);
        const state = arrived && this.#state !== 'degraded' ? 'live' : this.#state;
        this.#options.post({ type: 'whole', to: id, view, stream, state, moment, entries });
      }
    }
  }
}
