import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import { ViewIndex } from '../../domain/view-index.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import type { Relay } from '../relay/relay.ts';
import { ChangedCells } from './changed-cells.ts';
import type { MessageSink, TileSocketHandle } from './message-sink.ts';
import { ReadBudget } from './read-limit.ts';
import { TileReader, type TileClient, type TileReaderContext } from './tile-reader.ts';

/** Readers visited before the event loop runs other work. */
const SLICE = 64;
/** Cells looked up before the event loop runs other work: readers far behind, each at its own position, need many. */
const LOOKUP_SLICE = 10_000;
/** After relayed messages went to all readers, no more do for so many times as long as that took: they leave the loop to others. */
const RELAY_REST = 3;
/** Codes of RFC 6455 and its registry. */
const GOING_AWAY = 1001;
const NOT_ALLOWED = 1008;
const TRY_AGAIN_LATER = 1013;

export interface TileFeedOptions {
  readonly copy: ManifestCopy;
  readonly clock: Clock;
  readonly relay: Relay;
  /** `heartbeat`: seconds between two heartbeats. */
  readonly settings: { readonly heartbeat: number; readonly maxReaders: number };
}

/**
 * The WebSocket protocol that InfiniteMap speaks today: each visible tile change as it happens, what compositors and other clients say, such
 * as where their camera is, and heartbeats. It cannot say that a tile was removed, and a client cannot resume at a position: clients
 * read the file besides.
 *
 * Its reader is not the feed's: it sends no snapshot, no ids and no removals, and one message per tile.
 */
export class TileFeed {
  readonly #options: TileFeedOptions & TileReaderContext;
  readonly #index = new ViewIndex<TileReader>();
  readonly #readers = new Set<TileReader>();
  /** Readers with something to send. */
  readonly #ready = new Set<TileReader>();
  /** A pass over these is scheduled. */
  #busy = false;
  /** Relayed messages before this position go to readers. */
  #relayEnd = 0;
  /** The readers that have not been visited since the pass began that brings them to all, and when that was. */
  #relayLeft = 0;
  #relayBegan = 0;
  /** Another such pass has to wait. */
  #relayRests = false;
  #stopped = false;
  #stops: readonly (() => void)[] = [];

  constructor(options: TileFeedOptions) {
    this.#options = {
      ...options,
      changed: new ChangedCells(options.copy),
      readBudget: new ReadBudget(),
    };
  }

  start(): void {
    const { copy, relay, clock, settings } = this.#options;
    this.#stops = [
      copy.subscribe({
        committed: (commit) => this.#committed(commit),
        reloaded: () => this.#reloaded(),
      }),
      relay.subscribe(() => this.#relayed()),
      repeat(clock, settings.heartbeat * 1000, () => this.#beat()),
    ];
  }

  /** Closes every socket and takes no more. */
  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
    for (const reader of this.#readers) this.#dismiss(reader, GOING_AWAY, 'shutdown');
  }

  get readers(): number {
    return this.#readers.size;
  }

  get isFull(): boolean {
    return this.#readers.size >= this.#options.settings.maxReaders;
  }

  /** Serves a socket that is open. */
  open(sink: MessageSink, client: TileClient): TileSocketHandle {
    if (this.#stopped) return this.refuse(sink, 'shutdown', GOING_AWAY);
    if (this.isFull) return this.refuse(sink, 'overloaded');
    const reader = new TileReader(client, sink, this.#options);
    this.#readers.add(reader);
    this.#index.add(reader);
    return {
      drained: () => {
        reader.live();
        this.#wake(reader);
      },
      alive: () => reader.live(),
      heard: (text, bytes) => reader.heard(text, bytes),
      forbid: (right) => reader.forbid(right),
      closed: () => this.#remove(reader),
      end: (reason) => {
        // The end would wait behind what the client does not read.
        if (sink.draining) sink.destroy(reason);
        else this.#dismiss(reader, NOT_ALLOWED, reason);
      },
    };
  }

  /** Closes a socket that was just opened. */
  refuse(sink: MessageSink, reason: string, code = TRY_AGAIN_LATER): TileSocketHandle {
    sink.close(code, reason);
    const ignore = () => undefined;
    return { drained: ignore, alive: ignore, heard: ignore, forbid: ignore, closed: ignore, end: ignore };
  }

  #dismiss(reader: TileReader, code: number, reason: string): void {
    this.#remove(reader);
    reader.sink.close(code, reason);
  }

  #remove(reader: TileReader): void {
    this.#index.delete(reader);
    this.#readers.delete(reader);
    this.#ready.delete(reader);
  }

  #committed(commit: Commit): void {
    // A removal cannot be told.
    if (commit.patch.tiles.size === 0 || commit.withdraws !== undefined) return;
    for (const reader of this.#index.touchedBy(commit)) {
      reader.touched(commit.prev);
      this.#wake(reader);
    }
  }

  #reloaded(): void {
    for (const reader of this.#readers) {
      reader.reset();
      this.#wake(reader);
    }
  }

  /** More was relayed: it goes to all readers, when what was relayed before has gone, and after a rest. */
  #relayed(): void {
    const { relay, clock } = this.#options;
    if (this.#relayLeft > 0 || this.#relayRests || this.#relayEnd === relay.log.end) return;
    this.#relayEnd = relay.log.end;
    this.#relayBegan = clock.monotonic();
    for (const reader of this.#readers) this.#wake(reader);
    // Those that were ready before are visited first.
    this.#relayLeft = this.#ready.size;
  }

  #restFromRelay(): void {
    const { clock } = this.#options;
    this.#relayLeft = 0;
    this.#relayRests = true;
    clock.after(RELAY_REST * (clock.monotonic() - this.#relayBegan), () => {
      this.#relayRests = false;
      this.#relayed();
    });
  }

  #wake(reader: TileReader): void {
    if (!this.#readers.has(reader)) return;
    this.#ready.add(reader);
    if (this.#busy) return;
    this.#busy = true;
    this.#options.clock.soon(() => this.#run());
  }

  #run(): void {
    const { changed, clock } = this.#options;
    let visited = 0;
    const lookupLimit = changed.lookedUp + LOOKUP_SLICE;
    for (const reader of this.#ready) {
      if (visited++ === SLICE || changed.lookedUp > lookupLimit) break;
      this.#ready.delete(reader);
      // Added at the end: it is visited again after all others.
      if (reader.advance(this.#relayEnd)) this.#ready.add(reader);
      if (this.#relayLeft > 0 && --this.#relayLeft === 0) this.#restFromRelay();
    }
    this.#busy = this.#ready.size > 0;
    // The last of them have closed meanwhile.
    if (!this.#busy && this.#relayLeft > 0) this.#restFromRelay();
    if (this.#busy) clock.soon(() => this.#run());
    else changed.forget();
  }

  #beat(): void {
    for (const reader of this.#readers) if (!reader.beat()) reader.sink.destroy('no-answer');
  }
}
