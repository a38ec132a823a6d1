import type { Changes, Entries } from './entry.ts';
import { StreamLink, type LinkSettings, type Problem } from './stream-link.ts';
import { queryOf, type View } from './view.ts';
import type { Sign, WireCopy, Word } from './wire-copy.ts';

/** How it stands; see docs/client.md. */
export type State = 'connecting' | 'live' | 'degraded' | 'offline' | 'closed';

/** Where a copy stands, and what came with it. */
export interface Moment {
  /** The last event id, verbatim; undefined before there was one. */
  readonly id: string | undefined;
  /** False only while the very first snapshot fills an empty map. */
  readonly exact: boolean;
  readonly sign?: Sign | undefined;
  readonly time?: string | undefined;
}

/** What wants to know; called in order. */
export interface Sink {
  /** The whole of what `view` shows. */
  replace(whole: Entries, view: View, moment: Moment): void;
  /** What is new in the same view. */
  patch(changes: Changes, moment: Moment): void;
  state(state: State, problem?: Problem): void;
}

/** Where a subscription gets its map from: a stream of its own, or one that tabs share. */
export interface Source {
  open(): void;
  moveTo(view: View): void;
  close(): void;
}

/** Milliseconds for which a new stream that is behind the old one has to catch up. */
const PATIENCE = 2000;

/**
 * A stream whose view can be moved. The old stream goes on until the new one is exact, then the new one takes its place: the
 * map is never empty between them and, unless the server lost its history, never goes back.
 */
export class MovingLink implements Source {
  readonly #settings: LinkSettings;
  readonly #sink: Sink;
  #now: StreamLink;
  #next: StreamLink | undefined;
  #wanted: View;
  /** The very first snapshot is coming in, on the first connection: its parts are shown as they come. */
  #filling = true;
  #degraded = false;

  constructor(view: View, settings: LinkSettings, sink: Sink) {
    this.#settings = settings;
    this.#sink = sink;
    this.#wanted = view;
    this.#now = this.#link(view);
  }

  get view(): View {
    return this.#now.view;
  }

  get copy(): WireCopy {
    return this.#now.copy;
  }

  /** Before it is opened: goes on from what another one was at. */
  seed(id: string, { compositors, tiles }: Entries): void {
    this.#now.copy.seed(id, compositors, tiles);
    this.#filling = false;
  }

  open(): void {
    this.#now.open();
  }

  moveTo(view: View): void {
    this.#wanted = view;
    // One at a time: who pans for long would otherwise never see one arrive.
    if (!this.#next) this.#follow();
  }

  close(): void {
    this.#now.close();
    this.#next?.close();
  }

  #follow(): void {
    const wanted = queryOf(this.#wanted);
    if (this.#next && queryOf(this.#next.view) === wanted) return;
    this.#next?.close();
    this.#next = undefined;
    if (queryOf(this.#now.view) === wanted) return;
    // Also while the very first snapshot comes in: begun anew at each step, it would not come before the last.
    const since = Date.now();
    this.#next = this.#link(this.#wanted, since);
    this.#next.open();
  }

  #link(view: View, since?: number): StreamLink {
    const link: StreamLink = new StreamLink(view, this.#settings, {
      taken: (word) => {
        if (link === this.#next && link.copy.exact) this.#arrive(link, since ?? 0);
        if (link === this.#now) this.#show(link.copy, word);
      },
      lost: (problem, failures) => {
        if (link === this.#now) {
          this.#filling = false;
          this.#sink.state(failures > 0 ? 'offline' : 'connecting', problem);
        } else this.#follow();
      },
    });
    return link;
  }

  /** The new stream is exact: the map becomes what it shows, and the old one ends. */
  #arrive(link: StreamLink, since: number): void {
    if (revisionOf(link.copy.id) < revisionOf(this.#now.copy.id) && Date.now() - since < PATIENCE) return;
    this.#now.close();
    this.#now = link;
    this.#next = undefined;
    this.#follow();
  }

  #show(copy: WireCopy, { sign, time }: Word): void {
    const { id, exact } = copy;
    if (!exact && !this.#filling) return;
    const { anew, changes } = copy.news();
    const moment = { id, exact, sign, time };
    if (anew) this.#sink.replace(copy, this.#now.view, moment);
    else this.#sink.patch(changes, moment);
    if (!exact) return;
    this.#filling = false;
    if (sign) this.#degraded = sign.degraded;
    this.#sink.state(this.#degraded ? 'degraded' : 'live');
  }
}

/** Of an event id; 0 without one. */
export function revisionOf(id: string | undefined): number {
  return id === undefined ? 0 : parseInt(id);
}
