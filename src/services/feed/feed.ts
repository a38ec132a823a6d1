import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { Logger } from '../../domain/logger.ts';
import type { Tracer } from '../../domain/tracer.ts';
import type { ViewChange } from '../../domain/view-change.ts';
import type { View } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import { Bookmark } from '../manifest/bookmark.ts';
import { encodeEvent, encodeFrame, encodeRetry, GREETING } from './event.ts';
import { FeedCounts } from './feed-counts.ts';
import { Jitter } from './jitter.ts';
import { FEED_LIMITS, type FeedLimits, type FeedSettings } from './limits.ts';
import { PassLoop } from './pass-loop.ts';
import { startingPosition, type StartingPosition, type StreamRequest } from './position.ts';
import { Reader } from './reader.ts';
import type { ReaderContext } from './reader-context.ts';
import type { Sink, StreamHandle } from './sink.ts';
import { newStreamId } from './stream-id.ts';
import type { ViewGroup } from './view-group.ts';
import { ViewGroups } from './view-groups.ts';

/** Milliseconds between two looks for readers that need a heartbeat or have grown too old. */
const SWEEP = 1000;
/** Milliseconds that a client has to read why its stream was ended. */
const TIME_TO_READ_BYE = 2000;
/** How many readers per second a replica asks to come back when it sends all of them away. */
const RETURN_RATE = 1000;

/**
 * Brings every reader up to date: opens and ends streams, finds the views that a commit touches, and has the passes send. A
 * round sends every reader of a view one patch from the reader's own position to now. A reader whose socket is still
 * draining is skipped, and nothing is queued for it.
 */
export class Feed {
  readonly counts = new FeedCounts();
  readonly #settings: FeedSettings;
  readonly #jitter: Jitter;
  /** Where all quiet readers were last sent `synced`: a view in which nothing happens must not fall out of the history. */
  readonly #bookmark: Bookmark;
  readonly #context: ReaderContext<Reader>;
  readonly #replicaName: string;
  readonly #readers = new Set<Reader>();
  readonly #byStream = new Map<string, Reader>();
  readonly #groups: ViewGroups<Reader>;
  readonly #passes: PassLoop;
  #stopped = false;
  #wasDegraded = false;
  #stopSweep: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: {
    replica: Replica;
    clock: Clock;
    settings: FeedSettings;
    log: Logger;
    /** This replica's name on the peer bus, for the ids of streams. */
    self: string;
    /** From 0 to 1; for the jitter. */
    random?: () => number;
    limits?: FeedLimits;
    tracer?: Tracer;
  }) {
    const { replica, clock, settings, random = Math.random, limits = FEED_LIMITS } = options;
    this.#settings = settings;
    this.#replicaName = options.self;
    this.#jitter = new Jitter(settings, random);
    this.#bookmark = new Bookmark(replica.copy);
    this.#groups = new ViewGroups(replica.overview, (group) => this.#areasLost(group));
    this.#context = {
      replica,
      clock,
      limits,
      counts: this.counts,
      buffer: settings.buffer,
      unsent: 0,
      isAlone: (group) => this.#groups.readersOf(group).size <= 1,
      moveTo: (reader, view) => this.#moveTo(reader, view),
    };
    this.#passes = new PassLoop({
      clock,
      log: options.log,
      slice: limits.slice,
      tracer: options.tracer,
      readersOf: (group) => this.#groups.readersOf(group),
      passed: () => {
        if (this.#bookmark.due) this.#sendBookmarks();
      },
    });
  }

  start(): void {
    this.#unsubscribe = this.#context.replica.copy.subscribe({
      committed: (commit) => this.#committed(commit),
      reloaded: () => this.#reloaded(),
    });
    this.#stopSweep = repeat(this.#context.clock, SWEEP, () => this.#sweep());
  }

  /** Sends `bye` to every reader, each with its own time to come back, and takes no more. */
  stop(reason: string): void {
    this.#stopped = true;
    this.#stopSweep();
    this.#unsubscribe();
    const readers = [...this.#readers];
    // The more there are, the longer they are spread: the other replicas must bear them all.
    const window = Math.max(4, readers.length / RETURN_RATE);
    for (const reader of readers) this.#dismiss(reader, reason, window);
  }

  get readers(): number {
    return this.#readers.size;
  }

  get isFull(): boolean {
    return this.#readers.size >= this.#settings.maxReaders;
  }

  /**
   * Opens a stream on a response that is under way. `since` is what the client sent back, verbatim: anything that is not
   * a position in this history leads to a snapshot, never to silence. Overload and a store that is away lead to `bye`.
   */
  open(sink: Sink, request: StreamRequest): StreamHandle {
    if (this.#stopped) return this.refuse(sink, 'shutdown');
    if (this.isFull) return this.refuse(sink, 'overloaded');
    const retry = encodeRetry(this.#jitter.reconnectDelay());
    const stream = newStreamId(this.#replicaName);
    const opened = encodeEvent('opened', undefined, JSON.stringify({ stream }));
    sink.write(encodeFrame(`${GREETING}${retry}\n${opened}`));
    const endsAt = this.#context.clock.monotonic() + this.#jitter.connectionAge();
    const group = this.#groups.of(request.view);
    const reader = new Reader({ stream, owner: request.owner ?? '', endsAt, sink, group }, this.#context);
    this.#readers.add(reader);
    this.#byStream.set(stream, reader);
    this.#groups.join(reader, group);
    const position = startingPosition(request, this.#context.replica);
    if (position instanceof Promise) void position.then((found) => this.#begin(reader, found));
    else this.#begin(reader, position);
    let stopTimer: () => void = () => undefined;
    return {
      drained: () => {
        reader.output.settle();
        this.#wake(reader);
      },
      closed: () => {
        stopTimer();
        this.#remove(reader);
      },
      end: (reason) => {
        if (this.#readers.has(reader)) this.#dismiss(reader, reason);
        stopTimer = this.#context.clock.after(TIME_TO_READ_BYE, () => reader.output.sink.destroy(reason));
      },
    };
  }

  /**
   * Changes the view of an open stream: soon, and several changes before that as one. Returns the view that it will show, undefined
   * when `owner` has no such stream here. Whatever comes in between, no change is lost or sent twice.
   */
  reAim(stream: string, owner: string, change: ViewChange): View | undefined {
    const reader = this.#byStream.get(stream);
    if (reader?.owner !== owner) return undefined;
    const view = reader.reAim(change);
    this.#wake(reader);
    return view;
  }

  /** Answers a stream with `bye` and its end: after any status but 200 an EventSource would never come back. */
  refuse(sink: Sink, reason: string): StreamHandle {
    sink.write(encodeFrame(`${GREETING}\n${this.#bye(reason, this.#settings.retry * 2)}`));
    sink.end(reason);
    return { drained: () => undefined, closed: () => undefined, end: () => undefined };
  }

  /** Its starting position is known: undefined when the store is away. */
  #begin(reader: Reader, position: StartingPosition): void {
    if (!this.#readers.has(reader)) return;
    if (position === undefined) return this.#dismiss(reader, 'store-unavailable');
    reader.start(position);
    if (reader.group.isReady) this.#passes.admit(reader);
    else this.#wake(reader);
  }

  /** Its readers come back, and then get what has changed. */
  #areasLost(group: ViewGroup): void {
    for (const reader of this.#groups.readersOf(group)) this.#dismiss(reader, 'overloaded');
  }

  #remove(reader: Reader): void {
    // A reader that was sent `bye` is removed again when it closes. By then its view may have another group.
    if (!this.#readers.delete(reader)) return;
    this.#byStream.delete(reader.stream);
    reader.release();
    this.#passes.forget(reader);
    this.#leave(reader, reader.group);
  }

  #moveTo(reader: Reader, view: View): ViewGroup {
    const before = reader.group;
    const group = this.#groups.of(view);
    if (group === before) return group;
    if (!group.isReady) group.whenReady(() => this.#wake(reader));
    this.#groups.join(reader, group);
    this.#leave(reader, before);
    return group;
  }

  #leave(reader: Reader, group: ViewGroup): void {
    if (this.#groups.leave(reader, group)) this.#passes.forgetGroup(group);
  }

  #dismiss(reader: Reader, reason: string, window?: number): void {
    this.#remove(reader);
    reader.output.end(encodeFrame(this.#bye(reason, window)), reason);
  }

  /** Counts and encodes a `bye`. `window`: seconds over which those who are sent away together come back. */
  #bye(reason: string, window?: number): string {
    this.counts.byes.add(reason);
    const retry = encodeRetry(this.#jitter.delayAfterBye(window));
    return `${retry}${encodeEvent('bye', undefined, JSON.stringify({ reason }))}`;
  }

  #committed(commit: Commit): void {
    for (const group of this.#groups.touchedBy(commit)) {
      group.add(commit);
      this.#passes.touch(group);
    }
    if (this.#passes.hasWork || this.#bookmark.due) this.#passes.runSoon();
  }

  #reloaded(): void {
    for (const group of this.#groups.all()) group.forget();
    this.#passes.forgetCommits();
    for (const reader of this.#readers) {
      reader.reset();
      this.#wake(reader);
    }
  }

  #wake(reader: Reader): void {
    if (reader.exact || !this.#readers.has(reader)) return;
    if (!reader.group.isReady) return reader.group.whenReady(() => this.#wake(reader));
    this.#passes.wake(reader);
    this.#passes.runSoon();
  }

  #sendBookmarks(): void {
    const before = this.#bookmark.move();
    for (const reader of this.#readers) if (reader.output.sentRevision <= before) this.#sendSynced(reader);
  }

  /** Only a reader with nothing unsent may be told of the head: a bookmark never overtakes data. */
  #sendSynced(reader: Reader): void {
    if (reader.exact && !reader.output.draining && reader.group.idle) reader.sendSynced();
  }

  #sweep(): void {
    const now = this.#context.clock.monotonic();
    const { degraded } = this.#context.replica;
    const degradedChanged = degraded !== this.#wasDegraded;
    this.#wasDegraded = degraded;
    const quietSince = now - this.#settings.heartbeat * 1000 + SWEEP;
    for (const reader of this.#readers) {
      if (now >= reader.endsAt) this.#expire(reader, now);
      else if (degradedChanged || reader.output.lastFrameAt <= quietSince) this.#sendSynced(reader);
    }
    for (const group of this.#groups.all()) group.expireSnapshot(this.#context.clock.now());
  }

  /** An old connection ends well if its client reads, and is cut some time later if it does not. */
  #expire(reader: Reader, now: number): void {
    if (reader.output.draining && now >= reader.endsAt + this.#settings.heartbeat * 1000)
      reader.output.sink.destroy('not-reading');
    else if (!reader.output.draining) this.#dismiss(reader, 'max-age', 1);
  }
}
