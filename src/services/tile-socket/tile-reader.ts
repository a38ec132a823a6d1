import type { Clock } from '../../domain/clock.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { HeartbeatAnswers, inKind } from '../../domain/heartbeat.ts';
import { isObject, parseJson } from '../../domain/json.ts';
import { relayText } from '../../domain/relay-message.ts';
import type { Relayed } from '../../domain/relayed.ts';
import { cellOf, type Tile } from '../../domain/tile.ts';
import type { Viewer } from '../../domain/view-index.ts';
import { viewHasCompositor, viewHasTile, type View } from '../../domain/view.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import type { Relay } from '../relay/relay.ts';
import type { RelayRight, RelaySender } from '../relay/relay-sender.ts';
import type { ChangedCells } from './changed-cells.ts';
import type { MessageSink } from './message-sink.ts';
import { ReadLimit, type ReadBudget } from './read-limit.ts';

/** Messages sent in one go: one reader must not keep the others waiting. */
const SENT_AT_ONCE = 64;
/** Cells looked at in one go, of which the view may show none. */
const LOOKED_AT_ONCE = 1024;
/** Of these, relayed messages: they come first, and tiles must come, too. */
const RELAYED_AT_ONCE = 32;

/** What all tile readers share. */
export interface TileReaderContext {
  readonly copy: ManifestCopy;
  readonly changed: ChangedCells;
  readonly clock: Clock;
  readonly relay: Relay;
  readonly readBudget: ReadBudget;
}

/** Whom a tile reader serves. */
export interface TileClient {
  readonly view: View;
  /** Another daemon, which connects here as to a compositor. */
  readonly isDaemon?: boolean;
}

/**
 * One InfiniteMap of today. What it still has to send is a position in the history: the present tiles of the cells that changed
 * since are sent when the socket takes them, and so are relayed messages from a position in their log. However much happens meanwhile, it
 * keeps nothing more.
 */
export class TileReader implements Viewer {
  readonly view: View;
  readonly sink: MessageSink;
  readonly #shared: TileReaderContext;
  readonly #isDaemon: boolean;
  readonly #sender: RelaySender;
  readonly #readLimit: ReadLimit;
  readonly #answers = new HeartbeatAnswers();
  /** The cells that are being sent. */
  #cells: Iterator<string, unknown, undefined> | undefined;
  /** The view's changes up to here were sent, or are in a cell that is being sent; undefined: up to the head. */
  #position: Cursor | undefined;
  /** Relayed messages before this position were sent. */
  #relayPosition: number;
  #alive = true;

  constructor({ view, isDaemon = false }: TileClient, sink: MessageSink, shared: TileReaderContext) {
    const { relay, clock, readBudget } = shared;
    this.view = view;
    this.sink = sink;
    this.#shared = shared;
    this.#isDaemon = isDaemon;
    this.#sender = relay.sender({ isDaemon });
    this.#readLimit = new ReadLimit(clock, readBudget, sink);
    this.#relayPosition = relay.log.end;
  }

  /** A commit on `prev` may be visible. Nothing is looked up yet: all readers are called in the turn of that commit. */
  touched(prev: Cursor): void {
    this.#position ??= prev;
  }

  /** The history was replaced: everything that the view shows may have changed. */
  reset(): void {
    this.#position = undefined;
    this.#cells = this.#visibleCells();
  }

  /**
   * Sends what it can as far as the socket takes it, of relayed messages those before `relayEnd`. Returns true when the socket would take more:
   * other readers come first.
   */
  advance(relayEnd: number): boolean {
    this.sink.cork();
    const relayed = this.#sendRelayed(relayEnd);
    const more = this.#sendTiles(SENT_AT_ONCE - relayed);
    this.sink.uncork();
    return more || (relayed >= RELAYED_AT_ONCE && !this.sink.draining);
  }

  /** Returns how many it looked at. */
  #sendRelayed(end: number): number {
    const { log, counts } = this.#shared.relay;
    if (this.#relayPosition < log.complete) {
      counts.skipped += 1;
      this.#relayPosition = log.complete;
    }
    let looked = 0;
    while (!this.sink.draining && looked < RELAYED_AT_ONCE) {
      const next = log.next(this.#relayPosition);
      if (!next || next.position > end) break;
      looked += 1;
      this.#relayPosition = next.position;
      if (this.#isFor(next.message)) this.sink.send(next.message.text);
    }
    return looked;
  }

  /** A message of a compositor is for those whose view shows it; of other daemons none gets it, or it could go round for ever. */
  #isFor(message: Relayed): boolean {
    const { compositor } = message;
    if (compositor === undefined) return !this.#sender.sent(message);
    return !this.#isDaemon && viewHasCompositor(this.view, compositor);
  }

  /** Sends at most `most`. Returns true when the socket would take more. */
  #sendTiles(most: number): boolean {
    let sent = 0;
    for (let looked = 0; !this.sink.draining; looked++) {
      if (sent >= most || looked >= LOOKED_AT_ONCE) return true;
      const key = this.#nextCell();
      if (key === undefined) return false;
      const tile = this.#shared.copy.manifest.tile(key);
      if (!tile || !viewHasTile(this.view, key, tile)) continue;
      this.sink.send(tileUpdate(key, tile));
      sent += 1;
    }
    return false;
  }

  #nextCell(): string | undefined {
    for (;;) {
      const next = this.#cells?.next();
      if (next && next.done !== true) return next.value;
      this.#cells = undefined;
      if (this.#position === undefined) return undefined;
      this.#cells =
        this.#shared.changed.since(this.#position)?.within(this.view.rect) ?? this.#visibleCells();
      this.#position = undefined;
    }
  }

  *#visibleCells(): Generator<string, void, undefined> {
    for (const [key] of this.#shared.copy.manifest.visibleTiles(this.view)) yield key;
  }

  /** Sends a heartbeat and asks for an answer. Returns false when nothing was heard since the last one. */
  beat(): boolean {
    if (!this.#alive) return false;
    this.#alive = false;
    this.sink.ping();
    this.#sendHeartbeat(undefined);
    return true;
  }

  /** The client is alive. */
  live(): void {
    this.#alive = true;
  }

  forbid(right: RelayRight): void {
    this.#sender.forbid(right);
  }

  /** Takes a message of the client, undefined if it was binary: one that is no JSON object, or of an unknown type, is ignored. */
  heard(text: string | undefined, bytes: number): void {
    this.#alive = true;
    this.#readLimit.count(bytes);
    const message = text === undefined ? undefined : parseJson(text);
    if (text === undefined || !isObject(message)) return;
    const { type, timestamp } = message;
    if (type === 'heartbeat') this.#answer(timestamp);
    else if (typeof type === 'string' && this.#shared.relay.types.has(type))
      this.#sender.take({ type, text: relayText(text, message) });
  }

  /** Clients answer heartbeats, and so do we. */
  #answer(timestamp: unknown): void {
    if (!this.#answers.isAnswer(this.#shared.clock.monotonic())) this.#sendHeartbeat(timestamp);
  }

  /** In answer to one with `timestamp`, or of our own accord. */
  #sendHeartbeat(timestamp: unknown): void {
    if (this.sink.draining) return;
    const { clock } = this.#shared;
    this.#answers.sent(clock.monotonic());
    this.sink.send(JSON.stringify({ type: 'heartbeat', timestamp: inKind(timestamp, clock.now()) }));
  }
}

function tileUpdate(key: string, { brick, timestamp }: Tile): string {
  const { x, y } = cellOf(key);
  return JSON.stringify({ type: 'tile_update', x, y, brick, timestamp });
}
