import type { Clock } from '../../domain/clock.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { cellOf, type Tile } from '../../domain/tile.ts';
import type { Viewer } from '../../domain/view-index.ts';
import { viewHasCompositor, viewHasTile, type View } from '../../domain/view.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import type { ChangedCells } from './changed-cells.ts';
import type { MessageSink } from './message-sink.ts';

/** Messages sent in one go: one reader must not keep the others waiting. */
const SENT_AT_ONCE = 64;
/** Cells looked at in one go, of which the view may show none. */
const LOOKED_AT_ONCE = 1024;
/** Relayed messages that wait for a slow socket, the last of each kind and compositor; beyond, the oldest is dropped. */
const MAX_RELAYED = 256;
/** Within so many milliseconds after our heartbeat, a client's heartbeat is the answer to it. */
const ANSWER_TIME = 2000;

/** What all tile readers share. */
export interface TileReaderContext {
  readonly copy: ManifestCopy;
  readonly changed: ChangedCells;
  readonly clock: Clock;
}

/**
 * One InfiniteMap of today. What it still has to send is a position in the history: the present tiles of the cells that changed
 * since are sent when the socket takes them. However much happens meanwhile, it keeps nothing more.
 */
export class TileReader implements Viewer {
  readonly view: View;
  readonly sink: MessageSink;
  readonly #shared: TileReaderContext;
  /** The cells that are being sent. */
  #cells: Iterator<string, unknown, undefined> | undefined;
  /** The view's changes up to here were sent, or are in a cell that is being sent; undefined: up to the head. */
  #position: Cursor | undefined;
  /** Messages of compositors that wait, by kind and compositor. */
  readonly #relayed = new Map<string, string>();
  #alive = true;
  #answerBefore = 0;

  constructor(view: View, sink: MessageSink, shared: TileReaderContext) {
    this.view = view;
    this.sink = sink;
    this.#shared = shared;
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

  /** Takes a message of a compositor, as text. Returns false when the view does not show that compositor. */
  relay(compositor: string, type: string, text: string): boolean {
    if (!viewHasCompositor(this.view, compositor)) return false;
    const name = `${type} ${compositor}`;
    const [oldest] = this.#relayed.keys();
    // A message that replaces one that waits takes no place of another.
    const full = this.#relayed.size >= MAX_RELAYED && !this.#relayed.has(name);
    if (full && oldest !== undefined) this.#relayed.delete(oldest);
    this.#relayed.set(name, text);
    return true;
  }

  /** Sends what it can as far as the socket takes it. Returns true when the socket would take more: other readers come first. */
  advance(): boolean {
    let sent = 0;
    for (const [name, text] of this.#relayed) {
      if (this.sink.draining) return false;
      this.#relayed.delete(name);
      this.sink.send(text);
      sent += 1;
    }
    for (let looked = 0; !this.sink.draining; looked++) {
      if (sent >= SENT_AT_ONCE || looked >= LOOKED_AT_ONCE) return true;
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
    this.#sendHeartbeat();
    return true;
  }

  heard(message: unknown): void {
    this.#alive = true;
    if (typeof message !== 'object' || message === null) return;
    // Clients answer heartbeats, and so do we: an answer to an answer would go on for ever.
    if ((message as { type?: unknown }).type !== 'heartbeat') return;
    if (this.#shared.clock.monotonic() >= this.#answerBefore) this.#sendHeartbeat();
    else this.#answerBefore = 0;
  }

  #sendHeartbeat(): void {
    if (this.sink.draining) return;
    const { clock } = this.#shared;
    this.#answerBefore = clock.monotonic() + ANSWER_TIME;
    this.sink.send(JSON.stringify({ type: 'heartbeat', timestamp: clock.now() / 1000 }));
  }
}

function tileUpdate(key: string, { brick, timestamp }: Tile): string {
  const { x, y } = cellOf(key);
  return JSON.stringify({ type: 'tile_update', x, y, brick, timestamp });
}
