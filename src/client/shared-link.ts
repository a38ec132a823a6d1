import type { Changes, Compositor, Entries, Tile } from './entry.ts';
import { LeadingTab } from './leading-tab.ts';
import { revisionOf, type Moment, type Sink, type Source } from './moving-link.ts';
import type { LinkSettings } from './stream-link.ts';
import type { Message, Saying } from './tab-message.ts';
import { covers, queryOf, selectChanges, selectEntries, type View } from './view.ts';

/** The part of Web Locks that is needed; Node's types do not have it. */
export interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal; steal?: boolean },
    run: () => Promise<void> | void,
  ): Promise<unknown>;
}

/** The part of a BroadcastChannel that is needed; Node's types and a browser's differ. */
interface Channel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: Message): void;
  close(): void;
}

export interface SharedLinkOptions {
  /** The same in all tabs that may share. */
  readonly name: string;
  readonly locks: Locks;
  readonly settings: LinkSettings;
  readonly sink: Sink;
  /** What the page shows: a tab that takes over goes on from it. */
  readonly shown: Entries;
}

/** Milliseconds that a leader has to answer, and that one which is behind has to catch up. */
const ANSWER = 5000;
const CATCH_UP = 1000;

/**
 * One stream for all tabs. The tab that holds the lock leads: its stream shows the smallest rectangle around what all look at,
 * and each tab picks its own part, so that each is as exact as with a stream of its own. When the leader goes, the lock
 * goes to the next tab; one that does not answer any more loses it.
 */
export class SharedLink implements Source {
  readonly #options: SharedLinkOptions;
  readonly #me = crypto.randomUUID();
  readonly #channel: Channel;
  /** What the page shows, and what it wants to. */
  #view: View;
  #wanted: View;
  #following: { readonly leader: string; readonly stream: View; id: string | undefined } | undefined;
  #leading: LeadingTab | undefined;
  /** Leaves the queue for the lock. */
  #queued = new AbortController();
  #letGo: () => void = () => undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(view: View, options: SharedLinkOptions) {
    this.#view = this.#wanted = view;
    this.#options = options;
    this.#channel = new BroadcastChannel(options.name) as unknown as Channel;
    this.#channel.onmessage = ({ data }) => this.#hear(data as Message);
  }

  open(): void {
    // Held for as long as this tab lives: whoever gets it after us knows that we are gone.
    this.#options.locks
      .request(presence(this.#options.name, this.#me), {}, () => {
        if (this.#closed) return;
        this.#queue();
        this.#join();
        return new Promise((resolve) => (this.#letGo = resolve));
      })
      // No locks for this page (a sandboxed frame): by itself, then.
      .catch(() => this.#lead());
  }

  moveTo(view: View): void {
    this.#wanted = view;
    if (this.#leading) this.#leading.join(this.#me, view);
    else this.#join();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#watchdog);
    clearTimeout(this.#again);
    this.#queued.abort();
    this.#leading?.close();
    this.#letGo();
    this.#channel.close();
  }

  /** Waits for the lock, or takes it from one who does not answer. */
  #queue(steal = false): void {
    this.#queued.abort();
    const queued = (this.#queued = new AbortController());
    this.#options.locks
      .request(this.#options.name, steal ? { steal } : { signal: queued.signal }, () => this.#lead())
      .catch(() => {
        // Left the queue, or somebody thought that we are gone.
        if (this.#closed || !this.#leading) return;
        this.#leading.close();
        this.#leading = undefined;
        this.#queue();
        this.#join();
      });
  }

  async #lead(): Promise<void> {
    if (this.#closed) return;
    clearTimeout(this.#watchdog);
    const { name, locks, settings, sink, shown } = this.#options;
    const leading = new LeadingTab({
      me: this.#me,
      view: this.#wanted,
      settings,
      post: (message) => this.#post(message),
      gone: (id, signal, run) =>
        void locks.request(presence(name, id), { signal }, run).catch(() => undefined),
      sink: {
        replace: (whole, view, moment) => {
          this.#view = view;
          sink.replace(selectEntries(whole, leading.link.view, view), view, moment);
        },
        patch: (changes, moment) => this.#patch(leading.link.view, changes, moment),
        state: (state, problem) => sink.state(state, problem),
      },
    });
    const { id, stream } = this.#following ?? {};
    const alike = stream && [stream, this.#view, this.#wanted].map(queryOf);
    // All that the stream showed is here, so its id is ours, too.
    if (id !== undefined && alike?.every((query) => query === alike[0])) leading.link.seed(id, shown);
    this.#following = undefined;
    this.#leading = leading;
    this.#post({ type: 'lead' });
    leading.link.open();
    await leading.over;
  }

  #hear(message: Message): void {
    if (this.#closed) return;
    if (this.#leading) {
      if (message.type === 'join') this.#leading.join(message.from, message.view);
      return;
    }
    const { type, from } = message;
    if (type === 'join') return;
    if (type === 'lead') {
      this.#watch();
      this.#join();
    } else if (type === 'whole') {
      if (message.to === this.#me) this.#takeWhole(message);
    } else {
      const { sink } = this.#options;
      const follows = this.#following?.leader === from;
      // The frames of one that we do not follow do not bring what we wait for: we ask again then.
      if (follows || type === 'state') this.#watch();
      // A new leader that is on its way is no news: the map is still exact.
      if (type === 'state' && (follows || message.state === 'offline'))
        sink.state(message.state, message.problem);
      if (type === 'frame' && follows && this.#patch(message.stream, message.changes, message.moment))
        this.#following!.id = message.moment.id;
    }
  }

  /** False when the stream has gone where this tab does not look: it stays at its moment until it gets its new part. */
  #patch(stream: View, changes: Changes, moment: Moment): boolean {
    const isOurs = covers(stream, this.#view);
    if (isOurs) this.#options.sink.patch(selectChanges(changes, stream, this.#view), moment);
    return isOurs;
  }

  #takeWhole({ from, view, stream, state, moment, entries }: Message & { type: 'whole' }): void {
    this.#watch();
    const behind = revisionOf(moment.id) < revisionOf(this.#following?.id);
    if (behind && this.#again === undefined) {
      // A new leader at another replica: that one will be where we are in a moment, unless history was lost.
      this.#again = setTimeout(() => this.#join(), CATCH_UP);
      return;
    }
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#following = { leader: from, stream, id: moment.id };
    this.#view = view;
    const [compositors, tiles] = JSON.parse(entries) as [[string, Compositor][], [string, Tile][]];
    const { sink } = this.#options;
    sink.replace({ compositors: new Map(compositors), tiles: new Map(tiles) }, view, moment);
    sink.state(state);
  }

  #join(): void {
    if (this.#closed) return;
    this.#watch();
    this.#post({ type: 'join', view: this.#wanted });
  }

  /** The leader has spoken, or is about to. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    // Not all followers in the same moment.
    this.#watchdog = setTimeout(
      () => {
        this.#join();
        clearTimeout(this.#watchdog);
        this.#watchdog = setTimeout(() => this.#queue(true), ANSWER);
      },
      this.#options.settings.watchdog + Math.random() * ANSWER,
    );
  }

  #post(message: Saying): void {
    this.#channel.postMessage({ ...message, from: this.#me });
  }
}

/** The lock that a tab holds as long as it lives. */
function presence(name: string, id: string): string {
  return `${name} ${id}`;
}
