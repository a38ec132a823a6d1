import { lookup } from 'node:dns/promises';
import { Semaphore } from '../../concurrency/semaphore.ts';
import type { Clock } from '../../domain/clock.ts';
import type { IpAddress, ResolveName } from './ip-address.ts';
import { NameServer } from './name-server.ts';

/** The most names whose last lookup time is remembered. */
const MAX_NAMES = 10_000;
/** A lookup that took this many milliseconds is slow. */
const SLOW = 500;

/** The most names that are asked for at a time at name servers; each takes a socket or two. */
const MAX_QUERIES = 256;

/**
 * Resolves names by the hosts file and the name servers, many at a time, and by the system's own resolver what is not found
 * there: mDNS and other sources. That one blocks one of the process's four threads while a name server is silent, and the
 * embedded store needs these threads too. So its lookups run one at a time in three queues: names that were quick, names that
 * were slow, and new ones.
 */
export class Resolver {
  readonly #clock: Clock;
  readonly #query: ResolveName;
  readonly #ask: ResolveName;
  readonly #queries = new Semaphore(MAX_QUERIES);
  readonly #quick = new Semaphore(1);
  readonly #slow = new Semaphore(1);
  readonly #new = new Semaphore(1);
  readonly #queues = new Map<string, Semaphore>();
  /** Lookups that run or wait. A repeated request joins the one there is, so that retries do not make the queue longer. */
  readonly #pending = new Map<string, Promise<readonly IpAddress[]>>();

  /** `query` asks the name servers, and `ask` the system. */
  constructor(options: { clock: Clock; query?: ResolveName; ask?: ResolveName }) {
    this.#clock = options.clock;
    const nameServer = new NameServer();
    this.#query = options.query ?? ((name) => nameServer.resolve(name));
    this.#ask = options.ask ?? ((name) => lookup(name, { all: true }));
  }

  readonly resolve: ResolveName = (name) => {
    const running = this.#pending.get(name);
    if (running) return running;
    const lookup = this.#lookup(name).finally(() => this.#pending.delete(name));
    this.#pending.set(name, lookup);
    return lookup;
  };

  async #lookup(name: string): Promise<readonly IpAddress[]> {
    // What only the system knew is asked of it at once.
    if (this.#queues.get(name) === this.#quick) return this.#enqueue(name);
    try {
      const found = await this.#queries.run(() => this.#query(name));
      if (found.length > 0) return found;
    } catch (error) {
      // A silent name server: the system would wait for it as well, and hold a thread. It may have another source, so it is
      // asked when nobody else waits for it in vain.
      if (this.#slow.isFull) throw error;
      this.#remember(name, this.#slow);
    }
    return this.#enqueue(name);
  }

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
