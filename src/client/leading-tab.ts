import { MovingLink, type StreamPosition, type Sink, type State } from './moving-link.ts';
import type { LinkSettings, Problem } from './stream-link.ts';
import type { OutgoingMessage } from './tab-message.ts';
import { covers, selectEntries, union, type View } from './view.ts';

export interface LeadingTabOptions {
  readonly tabId: string;
  readonly view: View;
  readonly settings: LinkSettings;
  readonly sink: Sink;
  readonly post: (message: OutgoingMessage) => void;
  /** Calls `run` when the tab `id` has closed. */
  readonly whenClosed: (id: string, signal: AbortSignal, run: () => void) => void;
}

/** The work of the leading tab: it reads the one stream and sends each tab its part. */
export class LeadingTab {
  readonly link: MovingLink;
  readonly closed: Promise<void>;
  readonly #options: LeadingTabOptions;
  readonly #views: Map<string, View>;
  /** The tabs that wait for a snapshot of their view. */
  readonly #waiting = new Set<string>();
  readonly #stop = new AbortController();
  #state: State = 'connecting';
  /** Why it has stopped, for tabs that come later. */
  #final: Problem | undefined;
  #position: StreamPosition | undefined;
  #end: () => void = () => undefined;

  constructor(options: LeadingTabOptions) {
    this.#options = options;
    this.#views = new Map([[options.tabId, options.view]]);
    this.closed = new Promise((resolve) => (this.#end = resolve));
    const { sink } = options;
    this.link = new MovingLink(options.view, options.settings, {
      replace: (entries, _view, position) => {
        // The first snapshot, as it comes: of no use to others before it is entries.
        if (!position.exact) return sink.replace(entries, this.#views.get(options.tabId)!, position);
        this.#position = position;
        for (const id of this.#views.keys()) this.#waiting.add(id);
        this.#sendParts(true);
      },
      patch: (patch, position) => {
        sink.patch(patch, position);
        if (!position.exact) return;
        this.#position = position;
        // Without other tabs, posting would only copy each event for nothing.
        if (this.#views.size > 1) options.post({ type: 'patch', stream: this.link.view, patch, position });
        this.#sendParts(true);
      },
      state: (state, problem) => {
        const changed = state !== this.#state || problem !== undefined;
        this.#state = state;
        this.#final = problem?.final && problem;
        sink.state(state, problem);
        if (changed) options.post({ type: 'state', state, problem });
      },
    });
  }

  join(id: string, view: View): void {
    if (!this.#views.has(id)) this.#options.whenClosed(id, this.#stop.signal, () => this.#remove(id));
    this.#views.set(id, view);
    this.#waiting.add(id);
    // Tells the new tab at once that there is a leader.
    this.#options.post({ type: 'state', state: this.#state, problem: this.#final });
    this.link.setView(union([...this.#views.values()]));
    this.#sendParts();
  }

  close(): void {
    this.#stop.abort();
    this.link.close();
    this.#end();
  }

  #remove(id: string): void {
    this.#views.delete(id);
    this.#waiting.delete(id);
    this.link.setView(union([...this.#views.values()]));
  }

  /** Sends their part to the waiting tabs whose view is complete; `live`: the last event made the map live. */
  #sendParts(live = false): void {
    const { copy, view: stream } = this.link;
    if (!this.#position || !copy.exact) return;
    // Without the heartbeat, which may be old.
    const position = { id: this.#position.id, exact: true };
    for (const id of this.#waiting) {
      const view = this.#views.get(id)!;
      if (!covers(stream, view)) continue;
      this.#waiting.delete(id);
      if (id === this.#options.tabId)
        this.#options.sink.replace(copy, view, live ? this.#position : position);
      else {
        const { compositors, tiles, regions } = selectEntries(copy, stream, view);
        const entries = JSON.stringify([[...compositors], [...tiles], [...regions]]);
        const state = live && this.#state !== 'degraded' ? 'live' : this.#state;
        this.#options.post({ type: 'snapshot', to: id, view, stream, state, position, entries });
      }
    }
  }
}
