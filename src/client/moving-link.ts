import type { Entries, Patch } from './entries.ts';
import { isLasting } from './refused.ts';
import { StreamLink, type LinkSettings, type Problem } from './stream-link.ts';
import { queryOf, type View } from './view.ts';
import type { EventDetails, Heartbeat, WireCopy } from './wire-copy.ts';

/** The state of a subscription; see docs/client.md. */
export type State = 'connecting' | 'live' | 'degraded' | 'offline' | 'refused' | 'closed';

/** The commit that a copy shows, and what the event said about it. */
export interface StreamPosition {
  /** The last event id, verbatim; undefined before there was one. */
  readonly id: string | undefined;
  /** False only while the very first snapshot fills an empty map. */
  readonly exact: boolean;
  readonly heartbeat?: Heartbeat | undefined;
  readonly time?: string | undefined;
}

/** Receives the events of a source, in order. */
export interface Sink {
  /** `entries` are everything that `view` shows. */
  replace(entries: Entries, view: View, position: StreamPosition): void;
  /** `patch` changes the same view. */
  patch(patch: Patch, position: StreamPosition): void;
  /** `pause`: ms until the next connection, where there is none. */
  state(state: State, problem?: Problem, pause?: number): void;
}

/** Where a subscription gets its entries from: its own stream, or one that tabs share. */
export interface Source {
  open(): void;
  setView(view: View): void;
  close(): void;
}

/** How long the old stream waits for a new one that is behind it, in milliseconds. */
const CATCH_UP = 2000;

/**
 * A stream whose view can move. Where the daemon cannot change the view of an open stream, the old stream goes on until a new one is
 * exact and takes its place. Either way the map is never empty in between, and never goes back unless the server lost its history.
 */
export class MovingLink implements Source {
  readonly #settings: LinkSettings;
  readonly #sink: Sink;
  #current: StreamLink;
  #next: StreamLink | undefined;
  #wanted: View;
  /** What the current stream was asked to show, and does not show yet. */
  #requested: { readonly from: View; readonly view: View } | undefined;
  /** True while the first snapshot arrives on the first connection: its parts are shown as they come. */
  #filling = true;
  #degraded = false;
  /** The daemon has refused the stream: nothing is asked of it until there is another token. */
  #refused = false;

  constructor(view: View, settings: LinkSettings, sink: Sink) {
    this.#settings = settings;
    this.#sink = sink;
    this.#wanted = view;
    this.#current = this.#link(view);
  }

  get view(): View {
    return this.#current.view;
  }

  get copy(): WireCopy {
    return this.#current.copy;
  }

  /** Starts from the entries of another link. Call it before `open`. */
  seed(id: string, entries: Entries): void {
    this.#current.copy.seed(id, entries);
    this.#filling = false;
  }

  open(): void {
    this.#current.open();
  }

  setView(view: View): void {
    this.#wanted = view;
    // One move at a time: a long pan would otherwise restart it forever.
    if (!this.#next && !this.#requested && !this.#refused) this.#move();
  }

  close(): void {
    this.#current.close();
    this.#next?.close();
  }

  /** Moves to the wanted view: the open stream where the daemon can change its view, else with a new stream. */
  #move(): void {
    const wanted = queryOf(this.#wanted);
    if (this.#next && queryOf(this.#next.view) === wanted) return;
    this.#next?.close();
    this.#next = undefined;
    if (queryOf(this.#current.view) === wanted) return;
    if (this.#current.stream === undefined) this.#openNext();
    else void this.#reAim(this.#wanted);
  }

  async #reAim(view: View): Promise<void> {
    const link = this.#current;
    const requested = (this.#requested = { from: link.view, view });
    if (await link.reAim(view)) return;
    // Meanwhile the connection may be lost, or the stream may show the view although the answer did not arrive.
    if (this.#requested !== requested) return;
    this.#requested = undefined;
    this.#openNext();
  }

  #openNext(): void {
    // Also while the first snapshot still arrives: a restart at each move would delay it until the last move.
    const since = Date.now();
    this.#next = this.#link(this.#wanted, since);
    this.#next.open();
  }

  #link(view: View, since?: number): StreamLink {
    const link: StreamLink = new StreamLink(view, this.#settings, {
      opened: () => {
        this.#refused = false;
        if (link === this.#current && !this.#next && !this.#requested) this.#move();
      },
      received: (details, problem) => {
        if (link === this.#next && link.copy.exact) this.#switchTo(link, since ?? 0);
        if (link !== this.#current) return;
        // The map keeps the old view until the new one is complete.
        if (details.view) this.#filling = false;
        this.#publish(link.copy, details, problem);
        if (link.copy.exact) this.#checkMoved(link.view);
      },
      disconnected: (problem, failures, pause) => {
        const refused = Boolean(isLasting(problem));
        // The old stream would be, too: there is only one of them from here on.
        if (refused && link === this.#next) this.#replaceBy(link);
        if (link === this.#current) {
          this.#filling = false;
          this.#requested = undefined;
          this.#refused = refused;
          if (refused) this.#sink.state('refused', problem);
          else this.#sink.state(failures > 0 ? 'offline' : 'connecting', problem, pause);
        } else this.#move();
      },
    });
    return link;
  }

  /** The stream may show another view by now: then it moves on to the last that is wanted. */
  #checkMoved(view: View): void {
    if (!this.#requested || this.#requested.from === view) return;
    const arrived = queryOf(this.#requested.view) === queryOf(view);
    this.#requested = undefined;
    if (arrived) this.#move();
    else this.#openNext();
  }

  /** The new stream is exact: it replaces the old one, unless it is behind and may still catch up. */
  #switchTo(link: StreamLink, since: number): void {
    if (revisionOf(link.copy.id) < revisionOf(this.#current.copy.id) && Date.now() - since < CATCH_UP) return;
    this.#replaceBy(link);
    this.#requested = undefined;
    this.#move();
  }

  #replaceBy(link: StreamLink): void {
    this.#current.close();
    this.#current = link;
    this.#next = undefined;
  }

  #publish(copy: WireCopy, { heartbeat, time }: EventDetails, problem?: Problem): void {
    const { id, exact } = copy;
    if (!exact && !this.#filling) return;
    const { isSnapshot, patch } = copy.takeDelta();
    const position = { id, exact, heartbeat, time };
    if (isSnapshot) this.#sink.replace(copy, this.#current.view, position);
    else this.#sink.patch(patch, position);
    if (!exact) return;
    this.#filling = false;
    if (heartbeat) this.#degraded = heartbeat.degraded;
    this.#sink.state(this.#degraded ? 'degraded' : 'live', problem);
  }
}

/** The revision of an event id; 0 without one. */
export function revisionOf(id: string | undefined): number {
  return id === undefined ? 0 : parseInt(id);
}
