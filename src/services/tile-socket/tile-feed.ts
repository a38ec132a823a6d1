import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { View } from '../../domain/view.ts';
import { ViewIndex } from '../../domain/view-index.ts';
import type { Replica } from '../manifest/replica.ts';
import { Changes } from './changes.ts';
import type { MessageSink, TileSocketHandle } from './message-sink.ts';
import { relayedIn } from './relayed.ts';
import { TileReader } from './tile-reader.ts';

/** Readers visited before others get their turn of the event loop. */
const SLICE = 64;
/** Cells looked up before others get their turn: those far behind, each in another place, have a long way to look. */
const LOOKED_UP = 20_000;
/** Characters of a message of a compositor that is passed on. */
const RELAY_LIMIT = 65_536;
/** Codes of RFC 6455 and its registry. */
const GOING_AWAY = 1001;
const NOT_ALLOWED = 1008;
const TRY_AGAIN_LATER = 1013;

const NOBODY: TileSocketHandle = {
  drained: () => undefined,
  heard: () => undefined,
  closed: () => undefined,
  end: () => undefined,
};

/**
 * The WebSocket protocol that InfiniteMap speaks today: each visible tile change as it happens, what compositors say about
 * cameras, and heartbeats. It cannot say that a tile was removed, and has no place to go on from: its clients
 * read the file besides.
 */
export class TileFeed {
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #peerBus: PeerBus;
  readonly #heartbeat: number;
  readonly #maxReaders: number;
  readonly #changes: Changes;
  readonly #index = new ViewIndex<TileReader>();
  readonly #readers = new Set<TileReader>();
  readonly #ready = new Set<TileReader>();
  #busy = false;
  #stopped = false;
  #stopBeat: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  /** `heartbeat`: seconds between two. */
  constructor(options: {
    replica: Replica;
    clock: Clock;
    peerBus: PeerBus;
    settings: { readonly heartbeat: number; readonly maxReaders: number };
  }) {
    this.#replica = options.replica;
    this.#changes = new Changes(options.replica);
    this.#clock = options.clock;
    this.#peerBus = options.peerBus;
    this.#heartbeat = options.settings.heartbeat;
    this.#maxReaders = options.settings.maxReaders;
  }

  start(): void {
    const unsubscribe = this.#replica.subscribe({
      committed: (commit) => this.#committed(commit),
      reloaded: () => this.#reloaded(),
    });
    const unlisten = this.#peerBus.subscribe('relay', (message) => this.#relay(message));
    this.#unsubscribe = () => {
      unsubscribe();
      unlisten();
    };
    this.#beatLater();
  }

  /** Says to every client that the daemon goes, and takes no more. */
  stop(): void {
    this.#stopped = true;
    this.#stopBeat();
    this.#unsubscribe();
    for (const reader of this.#readers) this.#dismiss(reader, GOING_AWAY, 'shutdown');
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Takes up a socket that is open. */
  open(sink: MessageSink, view: View): TileSocketHandle {
    if (this.#stopped || this.#readers.size >= this.#maxReaders) {
      sink.close(this.#stopped ? GOING_AWAY : TRY_AGAIN_LATER, this.#stopped ? 'shutdown' : 'overloaded');
      return NOBODY;
    }
    const reader = new TileReader({
      view,
      replica: this.#replica,
      changes: this.#changes,
      sink,
      clock: this.#clock,
    });
    this.#readers.add(reader);
    this.#index.add(reader);
    return {
      drained: () => {
        reader.heard(undefined);
        this.#wake(reader);
      },
      heard: (message) => reader.heard(message),
      closed: () => this.#leave(reader),
      end: (reason) => {
        // Behind what it does not read, it would never see the end.
        if (sink.draining) sink.destroy();
        else this.#dismiss(reader, NOT_ALLOWED, reason);
      },
    };
  }

  #dismiss(reader: TileReader, code: number, reason: string): void {
    this.#leave(reader);
    reader.close(code, reason);
  }

  #leave(reader: TileReader): void {
    this.#index.delete(reader);
    this.#readers.delete(reader);
    this.#ready.delete(reader);
  }

  #committed(commit: Commit): void {
    if (commit.patch.tiles.size === 0) return;
    for (const reader of this.#index.touchedBy(commit)) {
      reader.touched(commit.prev);
      this.#wake(reader);
    }
  }

  #reloaded(): void {
    for (const reader of this.#readers) {
      reader.restart();
      this.#wake(reader);
    }
  }

  #relay(news: unknown): void {
    const relayed = relayedIn(news);
    if (!relayed) return;
    const { compositor, message } = relayed;
    const text = JSON.stringify(message);
    if (text.length > RELAY_LIMIT) return;
    for (const reader of this.#readers) if (reader.relay(compositor, message.type, text)) this.#wake(reader);
  }

  #wake(reader: TileReader): void {
    if (!this.#readers.has(reader)) return;
    this.#ready.add(reader);
    if (this.#busy) return;
    this.#busy = true;
    this.#clock.soon(() => this.#run());
  }

  #run(): void {
    let visited = 0;
    const enough = this.#changes.looked + LOOKED_UP;
    for (const reader of this.#ready) {
      if (visited++ === SLICE || this.#changes.looked > enough) break;
      this.#ready.delete(reader);
      // At the end of the line again: it is visited after all others.
      if (reader.advance()) this.#ready.add(reader);
    }
    this.#busy = this.#ready.size > 0;
    if (this.#busy) this.#clock.soon(() => this.#run());
    else this.#changes.forget();
  }

  #beatLater(): void {
    this.#stopBeat = this.#clock.after(this.#heartbeat * 1000, () => {
      for (const reader of this.#readers) if (!reader.beat()) reader.destroy();
      this.#beatLater();
    });
  }
}
