import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import { cellOf, type Tile } from '../../domain/tile.ts';
import { viewHasCompositor, viewHasTile, type View } from '../../domain/view.ts';
import type { Replica } from '../replica.ts';
import type { Watcher } from '../feed/view-index.ts';
import type { MessageSink } from './message-sink.ts';

/** Messages handed over in one go: one reader must not keep the others waiting. */
const AT_ONCE = 64;
/** A reader may owe this many cells more than twice those that there are, before it looks which of them are gone. */
const OWED = 1000;
/** Kinds of messages of compositors of which the last waits for a slow socket; beyond, the one that waits longest goes. */
const RELAYED = 256;
/** Milliseconds within which a heartbeat is the answer to ours. */
const ANSWER = 2000;

/**
 * One InfiniteMap of today. What it owes its client is a set of cells, whose present tiles it sends when the socket takes
 * them: however much happens, it costs at most the cells that its view shows.
 */
export class TileReader implements Watcher {
  readonly view: View;
  readonly #replica: Replica;
  readonly #sink: MessageSink;
  readonly #clock: Clock;
  readonly #owed = new Set<string>();
  readonly #relayed = new Map<string, string>();
  #alive = true;
  #answerBy = 0;

  constructor(options: { view: View; replica: Replica; sink: MessageSink; clock: Clock }) {
    this.view = options.view;
    this.#replica = options.replica;
    this.#sink = options.sink;
    this.#clock = options.clock;
  }

  /** How many cells and messages wait. */
  get owed(): number {
    return this.#owed.size + this.#relayed.size;
  }

  /** A commit that may be visible. True: there is something to send. */
  touched(commit: Commit): boolean {
    for (const [key, tile] of commit.patch.tiles)
      if (tile && viewHasTile(this.view, key, tile)) this.#owed.add(key);
    const { view } = this.#replica;
    // Tiles may come and go for ever while a client does not read.
    if (this.#owed.size > OWED + 2 * view.tileCount)
      for (const key of this.#owed) if (!view.tile(key)) this.#owed.delete(key);
    return this.#owed.size > 0;
  }

  /** The map is another one: whatever the view shows may be news. */
  restart(): void {
    this.#owed.clear();
    for (const [key] of this.#replica.view.visibleTiles(this.view)) this.#owed.add(key);
  }

  /** A message of a compositor, as text. True: it is to be sent. */
  relay(compositor: string, type: string, text: string): boolean {
    if (!viewHasCompositor(this.view, compositor)) return false;
    const name = `${type} ${compositor}`;
    // One that waits already takes no place of another.
    if (!this.#relayed.has(name) && this.#relayed.size >= RELAYED) {
      const [oldest = name] = this.#relayed.keys();
      this.#relayed.delete(oldest);
    }
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
    for (const key of this.#owed) {
      if (this.#sink.draining) return false;
      if (sent >= AT_ONCE) return true;
      this.#owed.delete(key);
      const tile = this.#replica.view.tile(key);
      if (!tile || !viewHasTile(this.view, key, tile)) continue;
      this.#sink.send(tileUpdate(key, tile));
      sent += 1;
    }
    return false;
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
