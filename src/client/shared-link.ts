import type { Compositor, Entries, Patch, Region, Tile } from './entries.ts';
import { LeadingTab } from './leading-tab.ts';
import { revisionOf, type StreamPosition, type Sink, type Source } from './moving-link.ts';
import type { LinkSettings } from './stream-link.ts';
import type { OutgoingMessage, TabMessage } from './tab-message.ts';
import { covers, queryOf, selectPatch, selectEntries, type View } from './view.ts';

/** The part of Web Locks that the link uses; Node's types do not have it. */
export interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal; steal?: boolean },
    run: () => Promise<void> | void,
  ): Promise<unknown>;
}

/** The part of a BroadcastChannel that the link uses; the types of Node and browsers differ. */
interface Channel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: TabMessage): void;
  close(): void;
}

export interface SharedLinkOptions {
  /** Tabs with the same name share a stream. */
  readonly name: string;
  readonly locks: Locks;
  readonly settings: LinkSettings;
  readonly sink: Sink;
  /** The subscription's entries: a tab that becomes the leader goes on from them. */
  readonly current: Entries;
}

/** How long a leader has to answer, and a leader that is behind has to catch up, in milliseconds. */
const ANSWER = 5000;
const CATCH_UP = 1000;

/**
 * One stream for all tabs. The tab that holds the lock is the leader: its stream shows the smallest rectangle around the views of
 * all tabs, and each tab picks its own part, so that each is as exact as with its own stream. When the leader closes, the lock
 * goes to the next tab. A leader that stops answering loses the lock.
 */
export class SharedLink implements Source {
  readonly #options: SharedLinkOptions;
  readonly #tabId = crypto.randomUUID();
  readonly #channel: Channel;
  /** The view that the page shows, and the view that it asked for. */
  #view: View;
  #wanted: View;
  #following: { readonly leader: string; readonly stream: View; id: string | undefined } | undefined;
  #leading: LeadingTab | undefined;
  /** Withdraws the request for the leader's lock. */
  #lockRequest = new AbortController();
  #releasePresence: () => void = () => undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #rejoin: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(view: View, options: SharedLinkOptions) {
    this.#view = this.#wanted = view;
    this.#options = options;
    this.#channel = new BroadcastChannel(options.name) as unknown as Channel;
    this.#channel.onmessage = ({ data }) => this.#receive(data as TabMessage);
  }

  open(): void {
    // Held while this tab lives: the leader waits for this lock to learn that the tab has closed.
    this.#options.locks
      .request(presence(this.#options.name, this.#tabId), {}, () => {
        if (this.#closed) return;
        this.#requestLock();
        this.#join();
        return new Promise((resolve) => (this.#releasePresence = resolve));
      })
      // A sandboxed frame has no locks: this tab reads its own stream.
      .catch(() => this.#lead());
  }

  setView(view: View): void {
    // Tiles and areas have no stream in common.
    if (view.zoom) throw new TypeError('connect needs a zoom, too');
    this.#wanted = view;
    if (this.#leading) this.#leading.join(this.#tabId, view);
    else this.#join();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#watchdog);
    clearTimeout(this.#rejoin);
    this.#lockRequest.abort();
    this.#leading?.close();
    this.#releasePresence();
    this.#channel.close();
  }

  /** Waits for the leader's lock, or takes it from a leader that does not answer. */
  #requestLock(steal = false): void {
    this.#lockRequest.abort();
    const request = (this.#lockRequest = new AbortController());
    this.#options.locks
      .request(this.#options.name, steal ? { steal } : { signal: request.signal }, () => this.#lead())
      .catch(() => {
        // The request was withdrawn, or another tab took the lock because this one was too slow.
        if (this.#closed || !this.#leading) return;
        this.#leading.close();
        this.#leading = undefined;
        this.#requestLock();
        this.#join();
      });
  }

  async #lead(): Promise<void> {
    if (this.#closed) return;
    clearTimeout(this.#watchdog);
    const { name, locks, settings, sink, current } = this.#options;
    const leading = new LeadingTab({
      tabId: this.#tabId,
      view: this.#wanted,
      settings,
      post: (message) => this.#post(message),
      whenClosed: (id, signal, run) =>
        void locks.request(presence(name, id), { signal }, run).catch(() => undefined),
      sink: {
        replace: (entries, view, position) => {
          this.#view = view;
          sink.replace(selectEntries(entries, leading.link.view, view), view, position);
        },
        patch: (patch, position) => this.#patch(leading.link.view, patch, position),
        state: (state, problem) => sink.state(state, problem),
      },
    });
    const { id, stream } = this.#following ?? {};
    const queries = stream && [stream, this.#view, this.#wanted].map(queryOf);
    // This tab has everything that the stream showed, so it can resume from the stream's id.
    if (id !== undefined && queries?.every((query) => query === queries[0])) leading.link.seed(id, current);
    this.#following = undefined;
    this.#leading = leading;
    this.#post({ type: 'lead' });
    leading.link.open();
    await leading.closed;
  }

  #receive(message: TabMessage): void {
    if (this.#closed) return;
    if (this.#leading) {
      if (message.type === 'join') this.#leading.join(message.from, message.view);
      return;
    }
    const { type, from } = message;
    if (type === 'join') return;
    if (type === 'lead') {
      this.#resetWatchdog();
      this.#join();
    } else if (type === 'snapshot') {
      if (message.to === this.#tabId) this.#takeSnapshot(message);
    } else {
      const { sink } = this.#options;
      const follows = this.#following?.leader === from;
      // Patches of a leader that we do not follow do not bring the snapshot we wait for: they must not stop the watchdog.
      if (follows || type === 'state') this.#resetWatchdog();
      // The state of a new leader that still connects is ignored: the map stays exact meanwhile.
      if (type === 'state' && (follows || ['offline', 'refused'].includes(message.state)))
        sink.state(message.state, message.problem);
      if (type === 'patch' && follows && this.#patch(message.stream, message.patch, message.position))
        this.#following!.id = message.position.id;
    }
  }

  /** Returns false when the stream no longer covers this tab's view: the tab then keeps its state until its next snapshot. */
  #patch(stream: View, patch: Patch, position: StreamPosition): boolean {
    const covered = covers(stream, this.#view);
    if (covered) this.#options.sink.patch(selectPatch(patch, stream, this.#view), position);
    return covered;
  }

  #takeSnapshot({ from, view, stream, state, position, entries }: TabMessage & { type: 'snapshot' }): void {
    this.#resetWatchdog();
    const behind = revisionOf(position.id) < revisionOf(this.#following?.id);
    if (behind && this.#rejoin === undefined) {
      // A new leader may read from a replica that is behind. It will catch up soon, unless the server lost its history.
      this.#rejoin = setTimeout(() => this.#join(), CATCH_UP);
      return;
    }
    clearTimeout(this.#rejoin);
    this.#rejoin = undefined;
    this.#following = { leader: from, stream, id: position.id };
    this.#view = view;
    // A leading tab of an older client sends no regions.
    const [compositors, tiles, regions = []] = JSON.parse(entries) as [
      [string, Compositor][],
      [string, Tile][],
      [string, Region][]?,
    ];
    const { sink } = this.#options;
    const maps = { compositors: new Map(compositors), tiles: new Map(tiles), regions: new Map(regions) };
    sink.replace(maps, view, position);
    sink.state(state);
  }

  #join(): void {
    if (this.#closed) return;
    this.#resetWatchdog();
    this.#post({ type: 'join', view: this.#wanted });
  }

  /** Restarts the time that the leader has until this tab takes over. */
  #resetWatchdog(): void {
    clearTimeout(this.#watchdog);
    // Random, so that not all followers try at once.
    this.#watchdog = setTimeout(
      () => {
        this.#join();
        clearTimeout(this.#watchdog);
        this.#watchdog = setTimeout(() => this.#requestLock(true), ANSWER);
      },
      this.#options.settings.watchdog + Math.random() * ANSWER,
    );
  }

  #post(message: OutgoingMessage): void {
    this.#channel.postMessage({ ...message, from: this.#tabId });
  }
}

/** The name of the lock that a tab holds while it lives. */
function presence(name: string, id: string): string {
  return `${name} ${id}`;
}
