import type { Clock } from '../../domain/clock.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { cellOf, type Tile } from '../../domain/tile.ts';
import { viewHasCompositor, viewHasTile, type View } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import type { Viewer } from '../../domain/view-index.ts';
import type { Changes } from './changes.ts';
import type { MessageSink } from './message-sink.ts';

/** Messages handed over in one go: one reader must not keep the others waiting. */
const AT_ONCE = 64;
/** Cells looked at in one go, of which its view may show none. */
const LOOKED = 1024;
/** Kinds of messages of compositors of which the last waits for a slow socket; beyond, the one that waits longest goes. */
const RELAYED = 256;
/** Milliseconds within which a heartbeat is the answer to ours. */
const ANSWER = 2000;

/**
 * One InfiniteMap of today. What it owes its client is a place in the log: the present tiles of the cells that changed since
 * are sent when the socket takes them. However much happens meanwhile, it keeps nothing more.
 */
export class TileReader implements Viewer {
  readonly view: View;
  readonly #replica: Replica;
  readonly #changes: Changes;
  readonly #sink: MessageSink;
  readonly #clock: Clock;
  /** Cells that are being sent. */
  #owed: Iterator<string, unknown, undefined> | undefined;
  /** What its view shows up to here was sent, or is in a cell that is being sent; undefined: all that there is. */
  #at: Cursor | undefined;
  readonly #relayed = new Map<string, string>();
  #alive = true;
  #answerBy = 0;

  constructor(options: { view: View; replica: Replica; changes: Changes; sink: MessageSink; clock: Clock }) {
    this.view = options.view;
    this.#replica = options.replica;
    this.#changes = options.changes;
    this.#sink = options.sink;
    this.#clock = options.clock;
  }

  /** A commit on `prev` may be visible. Every reader is told in one turn: nothing is looked at before its own. */
  touched(prev: Cursor): void {
    this.#at ??= prev;
  }

  /** The map is another one: whatever the view shows may be news. */
  restart(): void {
    this.#at = undefined;
    this.#owed = this.#shown();
  }

  /** A message of a compositor, as text. True: it is to be sent. */
  relay(compositor: string, type: string, text: string): boolean {
    if (!viewHasCompositor(this.view, compositor)) return false;
    const name = `${type} ${compositor}`;
    const [oldest] = this.#relayed.keys();
    // Who waits already takes no place of another.
    const full = this.#relayed.size >= RELAYED && !this.#relayed.has(name);
    if (full && oldest !== undefined) this.#relayed.delete(oldest);
    this.#relayed.set(name, text);
    return true;
  }

  /** Sends what it owes, as far as the socket takes it. True: there is more, and the socket would take it. */
  advance(): boolean {
    let sent = 0;
    for (const [name, text] of this.#relayed) {
      if (this.#sink.draining) return false;
      this.#relayed.delete(name);
      this.#sink.send(text);
      sent += 1;
    }
    for (let looked = 0; !this.#sink.draining; looked++) {
      if (sent >= AT_ONCE || looked >= LOOKED) return true;
      const key = this.#next();
      if (key === undefined) return false;
      const tile = this.#replica.manifest.tile(key);
      if (!tile || !viewHasTile(this.view, key, tile)) continue;
      this.#sink.send(tileUpdate(key, tile));
      sent += 1;
    }
    return false;
  }

  /** The next cell that it owes. */
  #next(): string | undefined {
    for (;;) {
      const next = this.#owed?.next();
      if (next && next.done !== true) return next.value;
      this.#owed = undefined;
      if (this.#at === undefined) return undefined;
      this.#owed = this.#changes.since(this.#at)?.in(this.view) ?? this.#shown();
      this.#at = undefined;
    }
  }

  *#shown(): Generator<string, void, undefined> {
    for (const [key] of this.#replica.manifest.visibleTiles(this.view)) yield key;
  }

  /** A sign of life, and the demand for one. False: nothing was heard since the last. */
  beat(): boolean {
    if (!this.#alive) return false;
    this.#alive = false;
    this.#sink.ping();
    this.#heartbeat();
    return true;
  }

  heard(message: unknown): void {
    this.#alive = true;
    if (typeof message !== 'object' || message === null) return;
    // Clients answer heartbeats, and so do we: an answer to an answer would go on for ever.
    if ((message as { type?: unknown }).type !== 'heartbeat') return;
    if (this.#clock.monotonic() >= this.#answerBy) this.#heartbeat();
    else this.#answerBy = 0;
  }

  close(code: number, reason: string): void {
    this.#sink.close(code, reason);
  }

  destroy(): void {
    this.#sink.destroy();
  }

  #heartbeat(): void {
    if (this.#sink.draining) return;
    this.#answerBy = this.#clock.monotonic() + ANSWER;
    this.#sink.send(JSON.stringify({ type: 'heartbeat', timestamp: this.#clock.now() / 1000 }));
  }
}

function tileUpdate(key: string, { brick, timestamp }: Tile): string {
  const { x, y } = cellOf(key);
  return JSON.stringify({ type: 'tile_update', x, y, brick, timestamp });
}
