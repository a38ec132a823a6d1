import { GENESIS, revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { Clock } from '../../domain/clock.ts';
import type { RedisConnection } from './redis-connection.ts';
import { runScript, SCRIPTS } from './scripts.ts';

export interface TailOptions {
  /** Its own: a connection that blocks can do nothing else. */
  readonly connection: RedisConnection;
  readonly log: string;
  readonly clock: Clock;
  /** Called when the head is one that nobody noted. */
  readonly announce: () => void;
}

/** Milliseconds for which Redis holds an XREAD back; after each, the head is compared: a flush says nothing. */
const BLOCK = 500;
/** Milliseconds of silence after which a blocked connection is dead: a frozen or vanished server sends no RST. */
const WATCHDOG = 1000;
/** Milliseconds before the next attempt while Redis is away. */
const AWAY = 50;
/** How many of our own heads are remembered. */
const OWN = 64;

/** Watches the log over a connection of its own, from `start` to `stop`. */
export class Tail {
  readonly #connection: RedisConnection;
  readonly #log: string;
  readonly #clock: Clock;
  readonly #announce: () => void;
  readonly #own = new Set<Cursor>();
  #seen: Cursor = GENESIS;
  #running: symbol | undefined;
  #wake: () => void = () => undefined;
  #restarts = 0;

  constructor(options: TailOptions) {
    this.#connection = options.connection;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#announce = options.announce;
  }

  /** How often the watch broke off: the connection was lost, or the watchdog ended it. */
  get restarts(): number {
    return this.#restarts;
  }

  start(): void {
    const run = Symbol('run');
    this.#running = run;
    void this.#watch(run);
  }

  stop(): void {
    this.#running = undefined;
    this.#wake();
  }

  /** `head` is known to whoever listens: it is no news. */
  note(head: Cursor): void {
    this.#seen = head;
  }

  /** `head` will be the head if a commit of ours is taken: no news, whichever connection shows it first. */
  expect(head: Cursor): void {
    this.#own.add(head);
    if (this.#own.size > OWN) {
      const [oldest] = this.#own;
      this.#own.delete(oldest!);
    }
  }

  async #watch(run: symbol): Promise<void> {
    while (this.#running === run) {
      try {
        await this.#lookAtHead();
        if (this.#running !== run) return;
        await this.#connection.call({
          command: 'xread',
          args: ['COUNT', 1, 'BLOCK', BLOCK, 'STREAMS', this.#log, `${revisionOf(this.#seen)}-0`],
          timeout: WATCHDOG,
        });
      } catch {
        // Whoever asks the store next is told what is wrong; this only goes on.
        this.#restarts += 1;
        await this.#pause();
      }
    }
  }

  async #lookAtHead(): Promise<void> {
    const keys = [this.#log];
    const before = this.#seen;
    const head = (await runScript(this.#connection, { script: SCRIPTS.head, keys, args: [] })) as Cursor;
    if (head === this.#seen) return;
    const own = this.#own.has(head);
    // Noted while we asked: the answer may be the older one of the two, and is asked for again.
    if (!own && this.#seen !== before) return;
    // One of ours may have been asked for before our next, and answered after it. And it must move us on, for its
    // answer may have been lost: else XREAD would give back the same entry again and again, without a pause.
    if (!own || revisionOf(head) > revisionOf(this.#seen)) this.#seen = head;
    if (!own) this.#announce();
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(AWAY, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
