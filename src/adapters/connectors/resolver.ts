import { lookup } from 'node:dns/promises';
import { Semaphore } from '../../concurrency/semaphore.ts';
import type { Clock } from '../../domain/clock.ts';

export interface IpAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. */
export type ResolveName = (name: string) => Promise<readonly IpAddress[]>;

/** The most names whose last lookup time is remembered. */
const MAX_NAMES = 10_000;
/** A lookup that took this many milliseconds is slow. */
const SLOW = 500;

/**
 * Resolves names with the system's resolver, which alone knows /etc/hosts and the search domains of containers. A lookup
 * blocks one of the process's four threads while a name server is silent, and the embedded store needs these threads too. So
 * lookups run one at a time in three queues: names that were quick, names that were slow, and new ones. A bad name delays only
 * its own queue.
 */
export class Resolver {
  readonly #clock: Clock;
  readonly #ask: ResolveName;
  readonly #quick = new Semaphore(1);
  readonly #slow = new Semaphore(1);
  readonly #new = new Semaphore(1);
  readonly #queues = new Map<string, Semaphore>();
  /** Lookups that run or wait. A repeated request joins the one there is, so that retries do not make the queue longer. */
  readonly #pending = new Map<string, Promise<readonly IpAddress[]>>();

  constructor(options: { clock: Clock; ask?: ResolveName }) {
    this.#clock = options.clock;
    this.#ask = options.ask ?? ((name) => lookup(name, { all: true }));
  }

  readonly resolve: ResolveName = (name) => {
    const running = this.#pending.get(name);
    if (running) return running;
    const lookup = this.#enqueue(name).finally(() => this.#pending.delete(name));
    this.#pending.set(name, lookup);
    return lookup;
  };

  #enqueue(name: string): Promise<readonly IpAddress[]> {
    return (this.#queues.get(name) ?? this.#new).run(async () => {
      const startedAt = this.#clock.monotonic();
      try {
        return await this.#ask(name);
      } finally {
        // A name that fails at once delays no other.
        this.#remember(name, this.#clock.monotonic() - startedAt < SLOW ? this.#quick : this.#slow);
      }
    });
  }

  #remember(name: string, queue: Semaphore): void {
    this.#queues.delete(name);
    this.#queues.set(name, queue);
    const [oldest] = this.#queues.keys();
    if (this.#queues.size > MAX_NAMES) this.#queues.delete(oldest!);
  }
}
