import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { Cursor } from '../../domain/cursor.ts';
import type { Logger } from '../../domain/logger.ts';
import { viewText, type View } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import { Bookmark } from './bookmark.ts';
import { ViewGroup } from './view-group.ts';
import { FeedCounts } from './feed-counts.ts';
import type { FeedSettings } from './feed-settings.ts';
import { encodeComment, encodeFrame } from './event.ts';
import { FEED_LIMITS, type FeedLimits } from './limits.ts';
import { Jitter } from './jitter.ts';
import { startingPosition, type StreamRequest } from './position.ts';
import { Reader } from './reader.ts';
import type { Sink, StreamHandle } from './sink.ts';
import type { SnapshotReason } from './snapshot.ts';
import { ViewIndex } from '../../domain/view-index.ts';

interface Joining {
  readonly reader: Reader;
  readonly place: Cursor | SnapshotReason;
}

/** Milliseconds between two looks at who needs a sign of life or has grown too old. */
const SWEEP = 1000;
/** Milliseconds that a client has to read why its stream was ended. */
const LAST_WORD = 2000;
/** Milliseconds from one round to the next at most. */
const LONGEST_REST = 50;
/** Readers per second that a replica asks to come back after a `bye` to all. */
const RETURN_RATE = 1000;

/**
 * Brings every reader up to date, in rounds: a round sends each ready reader of each touched view one patch from its own
 * place to now; what arrives while it runs is the next round's. A reader whose socket is still draining is passed
 * over and owes nobody a queue.
 */
export class Feed {
  readonly counts = new FeedCounts();
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #settings: FeedSettings;
  readonly #log: Logger;
  readonly #pace: Jitter;
  readonly #bookmark: Bookmark;
  readonly #limits: FeedLimits;
  readonly #channels = new Map<string, ViewGroup>();
  readonly #index = new ViewIndex<ViewGroup>();
  readonly #readers = new Set<Reader>();
  readonly #dirty = new Set<ViewGroup>();
  readonly #ready = new Set<Reader>();
  #joining: Joining[] = [];
  /** As long as the last round took: under many changes half of the time is for those who write, and a round has more of them. */
  #restUntil = -Infinity;
  #busy = false;
  #stopped = false;
  #wasDegraded = false;
  #stopSweep: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: {
    replica: Replica;
    clock: Clock;
    settings: FeedSettings;
    log: Logger;
    /** From 0 to 1; for the jitter. */
    random?: () => number;
    limits?: FeedLimits;
  }) {
    this.#replica = options.replica;
    this.#clock = options.clock;
    this.#settings = options.settings;
    this.#log = options.log;
    this.#pace = new Jitter({ ...options.settings, random: options.random ?? Math.random });
    this.#limits = options.limits ?? FEED_LIMITS;
    this.#bookmark = new Bookmark(options.replica);
  }

  start(): void {
    this.#unsubscribe = this.#replica.subscribe({
      committed: (commit) => this.#committed(commit),
      reloaded: () => this.#reloaded(),
    });
    this.#sweepLater();
  }

  /** Says `bye` to every reader, each with its own time to come back, and takes no more. */
  stop(reason: string): void {
    this.#stopped = true;
    this.#stopSweep();
    this.#unsubscribe();
    const readers = [...this.#readers];
    // So many come back at once that the others must not fall over them.
    const window = Math.max(4, readers.length / RETURN_RATE);
    for (const reader of readers) this.#dismiss(reader, reason, window);
  }

  get readers(): number {
    return this.#readers.size;
  }

  get #full(): boolean {
    return this.#readers.size >= this.#settings.maxReaders;
  }

  /**
   * Opens a stream on a response that is under way. `since` is what the client sent back, verbatim: anything that is not
   * a place in this history leads to a snapshot, never to silence. Overload and a store that is away lead to `bye`.
   */
  open(sink: Sink, request: StreamRequest): StreamHandle {
    const refusal = this.#stopped ? 'shutdown' : this.#full ? 'overloaded' : undefined;
    if (refusal !== undefined) {
      this.counts.dismissed.add(refusal);
      sink.write(
        encodeFrame(`${encodeComment('compositord')}\n${this.#pace.bye(refusal, this.#settings.retry * 2)}`),
      );
      sink.end();
      return { drained: () => undefined, closed: () => undefined, end: () => undefined };
    }
    sink.write(encodeFrame(`${encodeComment('compositord')}${this.#pace.retry()}\n`));
    const channel = this.#channel(request.view);
    const reader = new Reader({
      channel,
      replica: this.#replica,
      sink,
      clock: this.#clock,
      buffer: this.#settings.buffer,
      counts: this.counts,
      endsAt: this.#clock.monotonic() + this.#pace.lifetime(),
    });
    channel.readers.add(reader);
    this.#readers.add(reader);
    void startingPosition(request, this.#replica).then((place) => {
      if (!this.#readers.has(reader)) return;
      if (place === undefined) this.#dismiss(reader, 'store-unavailable');
      else this.#joining.push({ reader, place });
      this.#runSoon();
    });
    let stopTimer: () => void = () => undefined;
    return {
      drained: () => this.#wake(reader),
      closed: () => {
        stopTimer();
        this.#leave(reader);
      },
      end: (why) => {
        if (this.#readers.has(reader)) this.#dismiss(reader, why);
        stopTimer = this.#clock.after(LAST_WORD, () => reader.destroy());
      },
    };
  }

  #channel(view: View): ViewGroup {
    const key = viewText(view);
    let channel = this.#channels.get(key);
    if (!channel) {
      const made = new ViewGroup(view, this.#limits, () => this.#dirty.add(made));
      channel = made;
      this.#channels.set(key, channel);
      this.#index.add(channel);
    }
    return channel;
  }

  #leave(reader: Reader): void {
    // Who was sent away also closes. By then the channel of this name may be another one: it must not go from the map.
    if (!this.#readers.delete(reader)) return;
    const { group } = reader;
    this.#ready.delete(reader);
    group.readers.delete(reader);
    if (group.readers.size > 0) return;
    this.#index.delete(group);
    this.#dirty.delete(group);
    this.#channels.delete(viewText(group.view));
  }

  #committed(commit: Commit): void {
    for (const channel of this.#index.touchedBy(commit)) channel.touched(commit);
    if (this.#dirty.size > 0) this.#runSoon();
    if (this.#bookmark.due) this.#runSoon();
  }

  #reloaded(): void {
    for (const channel of this.#channels.values()) channel.forget();
    this.#dirty.clear();
    for (const reader of this.#readers) {
      reader.reset();
      this.#ready.add(reader);
    }
    this.#runSoon();
  }

  #wake(reader: Reader): void {
    if (reader.exact || !this.#readers.has(reader)) return;
    this.#ready.add(reader);
    this.#runSoon();
  }

  #runSoon(): void {
    if (this.#busy) return;
    this.#busy = true;
    const run = () => {
      const began = this.#clock.monotonic();
      this.#run()
        .catch((error: unknown) => this.#log.error({ err: error }, 'a round of the feed failed'))
        .finally(() => {
          const ended = this.#clock.monotonic();
          this.#restUntil = ended + Math.min(ended - began, LONGEST_REST);
          this.#busy = false;
          if (this.#hasWork) this.#runSoon();
        });
    };
    const rest = this.#restUntil - this.#clock.monotonic();
    if (rest >= 1) this.#clock.after(rest, run);
    else this.#clock.soon(run);
  }

  get #hasWork(): boolean {
    return this.#dirty.size > 0 || this.#joining.length > 0 || this.#ready.size > 0;
  }

  async #run(): Promise<void> {
    let visited = 0;
    const sliceOver = () => ++visited % this.#limits.slice === 0;
    const othersTurn = () => new Promise<void>((resolve) => this.#clock.soon(resolve));
    const channels = [...this.#dirty];
    this.#dirty.clear();
    for (const channel of channels) {
      const round = channel.begin();
      if (!round) continue;
      for (const reader of [...channel.readers]) {
        // A reload in the meantime has dropped the round: its commits may be of another history.
        if (channel.serving !== round) break;
        if (this.#readers.has(reader) && reader.serve(round)) this.#ready.add(reader);
        if (sliceOver()) await othersTurn();
      }
      if (channel.serving === round) channel.serving = undefined;
    }
    const ready = [...this.#ready];
    this.#ready.clear();
    for (const reader of ready) {
      if (this.#readers.has(reader) && reader.advance()) this.#ready.add(reader);
      if (sliceOver()) await othersTurn();
    }
    const joining = this.#joining;
    this.#joining = [];
    for (const { reader, place } of joining) {
      if (!this.#readers.has(reader)) continue;
      reader.start(place);
      if (reader.advance()) this.#ready.add(reader);
      if (sliceOver()) await othersTurn();
    }
    if (this.#bookmark.due) this.#sendBookmarks();
  }

  #sendBookmarks(): void {
    const before = this.#bookmark.move();
    for (const reader of this.#readers) if (reader.sentRevision <= before) this.#sync(reader);
  }

  /** Only a reader with nothing unsent may hear of the head: a bookmark never overtakes data. */
  #sync(reader: Reader): void {
    const { group } = reader;
    if (reader.exact && !reader.draining && !group.serving && group.pending.length === 0) reader.sendSynced();
  }

  #sweepLater(): void {
    this.#stopSweep = this.#clock.after(SWEEP, () => {
      this.#sweep();
      this.#sweepLater();
    });
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    const turned = this.#replica.degraded !== this.#wasDegraded;
    this.#wasDegraded = this.#replica.degraded;
    const quietSince = now - this.#settings.heartbeat * 1000 + SWEEP;
    for (const reader of this.#readers) {
      if (now >= reader.endsAt) this.#expire(reader, now);
      else if (turned || reader.lastFrameAt <= quietSince) this.#sync(reader);
    }
    for (const channel of this.#channels.values()) channel.expireSnapshot(this.#clock.now());
  }

  /** An aged connection ends well if its client reads, and at once if it does not. */
  #expire(reader: Reader, now: number): void {
    if (reader.draining && now >= reader.endsAt + this.#settings.heartbeat * 1000) reader.destroy();
    else if (!reader.draining) this.#dismiss(reader, 'max-age', 1);
  }

  #dismiss(reader: Reader, reason: string, window?: number): void {
    this.#leave(reader);
    this.counts.dismissed.add(reason);
    reader.end(encodeFrame(this.#pace.bye(reason, window)));
  }
}
