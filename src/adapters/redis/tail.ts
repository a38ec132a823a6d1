import { sleep } from '../../concurrency/timeout.ts';
import { GENESIS, revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { Clock } from '../../domain/clock.ts';
import type { RedisConnection } from './redis-connection.ts';
import { runScript, SCRIPTS } from './scripts.ts';

export interface TailOptions {
  /** A connection of its own: one that blocks can do nothing else. It is closed with the tail. */
  readonly connection: RedisConnection;
  readonly log: string;
  readonly clock: Clock;
}

/** Milliseconds that an XREAD blocks; after each, the head is compared, because XREAD does not notice a flush. */
const BLOCK = 500;
/** Milliseconds without an answer after which the connection counts as dead: a frozen or vanished server sends no RST. */
const WATCHDOG = 1000;
/** Milliseconds before the next attempt while Redis is away. */
const RETRY_INTERVAL = 50;
/** How many of the heads that we made are remembered. */
const MAX_OWN = 64;

/** Watches the commit log for heads that were neither noted nor expected, while somebody follows. */
export class Tail {
  readonly #options: TailOptions;
  readonly #listeners = new Set<() => void>();
  readonly #own = new Set<Cursor>();
  #seen: Cursor = GENESIS;
  #running: symbol | undefined;
  /** How often the watch broke off: the connection was lost, or the watchdog ended it. */
  restarts = 0;

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /** Calls `listener` soon after such a head; returns how to stop. */
  follow(listener: () => void): () => void {
    // Wrapped, so that one function may be added twice, and none is called after it was removed.
    const entry = () => {
      if (this.#listeners.has(entry)) listener();
    };
    this.#listeners.add(entry);
    if (this.#running === undefined) void this.#watch((this.#running = Symbol('run')));
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#running = undefined;
    };
  }

  close(): void {
    this.#running = undefined;
    this.#listeners.clear();
    this.#options.connection.close();
  }

  /** The listeners know `head`, so it will not be announced. */
  note(head: Cursor): void {
    this.#seen = head;
  }

  /** `head` will be the head if a commit of ours is taken: it is not announced, whichever connection shows it first. */
  expect(head: Cursor): void {
    this.#own.add(head);
    if (this.#own.size > MAX_OWN) {
      const [oldest] = this.#own;
      this.#own.delete(oldest!);
    }
  }

  async #watch(run: symbol): Promise<void> {
    while (this.#running === run) {
      try {
        await this.#checkHead();
        if (this.#running !== run) return;
        const { connection, log } = this.#options;
        const args = ['COUNT', 1, 'BLOCK', BLOCK, 'STREAMS', log, `${revisionOf(this.#seen)}-0`];
        await connection.call('xread', args, { timeout: WATCHDOG });
      } catch {
        // The next call to the store reports the error; the watch only goes on.
        this.restarts += 1;
        await sleep(this.#options.clock, RETRY_INTERVAL);
      }
    }
  }

  async #checkHead(): Promise<void> {
    const before = this.#seen;
    const head = (await runScript(this.#options.connection, SCRIPTS.head, [this.#options.log])) as Cursor;
    if (head === this.#seen) return;
    const own = this.#own.has(head);
    // Another head was noted while we asked: the answer may be older than that, so we ask again.
    if (!own && this.#seen !== before) return;
    // The answer may show one of our commits after the next one was noted, so only a newer one counts. And that must
    // count, since the answer to that commit may be lost: else XREAD would return the same entry without a pause.
    if (!own || revisionOf(head) > revisionOf(this.#seen)) this.#seen = head;
    // Later, each by itself: a listener that throws must not end the watch.
    if (!own) for (const listener of this.#listeners) this.#options.clock.soon(listener);
  }
}
