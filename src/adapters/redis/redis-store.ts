import { randomUUID } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { leaseKey, parseLeaseKey } from '../../domain/lease.ts';
import {
  STORE_TIMEOUT,
  StoreUnreachable,
  type Batch,
  type CommitResult,
  type LeaseTable,
  type LeaseTerm,
  type Missed,
  type Store,
  type StoreState,
} from '../../domain/store.ts';
import { commitArguments } from './commit-arguments.ts';
import { inspect } from './inspect.ts';
import { keysOf, type Keys } from './keys.ts';
import { loadState } from './load.ts';
import { missedIn, PAGE_BYTES } from './commit-log.ts';
import { parseRedisAddress, type RedisAddress } from './redis-address.ts';
import { RedisConnection } from './redis-connection.ts';
import { damaged, refusal } from './redis-errors.ts';
import { refill } from './refill.ts';
import { runScript, SCRIPTS, type ScriptCall } from './scripts.ts';
import { Tail } from './tail.ts';
import { TicketTime } from './ticket-time.ts';

export interface RedisStoreOptions {
  /** See {@link parseRedisAddress}. */
  readonly address: string;
  /** Begins the names of all keys; who shares it shares the manifest. */
  readonly namespace: string;
  /** Only measures; leases run out by Redis's own clock. */
  readonly clock: Clock;
}

/**
 * A store in Redis 7 or newer, for any number of daemons at once. Commands, the watch over the log, and each load
 * have connections of their own.
 */
export class RedisStore implements Store {
  readonly kind = 'redis';
  readonly shared = true;
  readonly #clock: Clock;
  readonly #address: RedisAddress;
  readonly #keys: Keys;
  readonly #commands: RedisConnection;
  readonly #watching: RedisConnection;
  readonly #tail: Tail;
  readonly #turn: TicketTime;
  readonly #name = randomUUID().slice(0, 8);
  readonly #listeners = new Set<() => void>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #loading = new Set<RedisConnection>();
  #closed: Promise<void> | undefined;

  /**
   * Throws an Error of one line when the address, the namespace, or what is there can never be worked with: a wrong
   * password, no Redis, a newer format, keys of another program. A Redis that is merely away is no error here.
   */
  static async open(options: RedisStoreOptions): Promise<RedisStore> {
    const store = new RedisStore(options);
    try {
      await store.#enter(store.#commands);
    } catch (error) {
      if (error instanceof StoreUnreachable) return store;
      await store.close();
      throw error;
    }
    return store;
  }

  private constructor(options: RedisStoreOptions) {
    this.#clock = options.clock;
    this.#address = parseRedisAddress(options.address);
    this.#keys = keysOf(options.namespace);
    this.#turn = new TicketTime(options.clock);
    this.#commands = this.#connect('commands', true);
    this.#watching = this.#connect('tail', true);
    this.#tail = new Tail({
      connection: this.#watching,
      log: this.#keys.log,
      clock: options.clock,
      announce: () => this.#announce(),
    });
  }

  /** How often the watch over the log broke off and began again. */
  get tailRestarts(): number {
    return this.#tail.restarts;
  }

  /**
   * Each of its round trips is bounded by {@link STORE_TIMEOUT}, not all of them together: a million tiles take
   * longer. Throws an Error of one line when what is there cannot be served.
   */
  async load(): Promise<StoreState> {
    return this.#track(async () => {
      const connection = this.#connect('load', false);
      this.#loading.add(connection);
      try {
        await this.#enter(connection);
        const state = await loadState(connection, this.#keys, (what) => this.#damaged(what));
        this.#tail.note(state.head);
        return state;
      } finally {
        this.#loading.delete(connection);
        connection.close();
      }
    });
  }

  async commit(batch: Batch): Promise<CommitResult> {
    return this.#track(async () => {
      const head = batch.commits.at(-1)?.cursor;
      if (head !== undefined) this.#tail.expect(head);
      const result = await this.#attempt(batch);
      if (result.taken && head !== undefined) this.#tail.note(head);
      return result;
    });
  }

  async head(): Promise<Cursor> {
    const head = await this.#run({ script: SCRIPTS.head, keys: [this.#keys.log], args: [] });
    return head as Cursor;
  }

  async read(cursor: Cursor): Promise<Missed> {
    const args = [cursor, PAGE_BYTES];
    const reply = await this.#run({ script: SCRIPTS.read, keys: [this.#keys.log], args });
    return missedIn(reply, cursor, (what) => this.#damaged(what));
  }

  follow(listener: () => void): () => void {
    // Wrapped, so that one function may follow twice, and none is called once it has left.
    const entry = () => {
      if (this.#listeners.has(entry)) listener();
    };
    this.#listeners.add(entry);
    if (this.#listeners.size === 1 && !this.#closed) this.#tail.start();
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#tail.stop();
    };
  }

  async leases(): Promise<LeaseTable> {
    const reply = await this.#run({ script: SCRIPTS.leases, keys: [this.#keys.leases], args: [] });
    const [seconds, micros, ...pairs] = reply as readonly string[];
    const leases = [];
    for (let i = 0; i < pairs.length; i += 2)
      leases.push({ ...parseLeaseKey(pairs[i]!), deadline: Number(pairs[i + 1]) });
    return { now: Number(seconds) * 1000 + Math.floor(Number(micros) / 1000), leases };
  }

  async renew(leases: readonly LeaseTerm[]): Promise<boolean[]> {
    const args = leases.flatMap((lease) => [leaseKey(lease), lease.ttl * 1000]);
    const reply = await this.#run({ script: SCRIPTS.renew, keys: [this.#keys.leases], args, writes: true });
    return (reply as readonly number[]).map((held) => held === 1);
  }

  /** Like {@link load}, bounded a round trip. */
  async refill(state: StoreState): Promise<boolean> {
    return this.#track(async () => {
      const filled = await refill(this.#commands, this.#keys, state);
      if (filled) this.#tail.note(state.head);
      return filled;
    });
  }

  async close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  /** Throws an Error of one line when nothing over this connection can ever be worked with. */
  async #enter(connection: RedisConnection): Promise<void> {
    const where = this.#address.text;
    try {
      await connection.opened();
      await inspect(connection, this.#keys, where);
    } catch (error) {
      throw refusal(where, error) ?? error;
    }
  }

  /** Sends a batch until it is its turn; everything but `turn` is an answer. */
  async #attempt(batch: Batch): Promise<CommitResult> {
    const deadline = this.#clock.monotonic() + STORE_TIMEOUT;
    const { log, tiles, compositors, leases, turn, format } = this.#keys;
    for (;;) {
      const left = deadline - this.#clock.monotonic();
      if (left <= 0) throw new StoreUnreachable('others are committing all the time');
      const args = commitArguments(batch, this.#name, this.#turn.milliseconds);
      const reply = await this.#turn.measure(() =>
        runScript(this.#commands, {
          script: SCRIPTS.commit,
          keys: [log, tiles, compositors, leases, turn, format],
          args,
          writes: true,
          timeout: left,
        }),
      );
      const [verdict, ...rest] = reply as readonly (string | number)[];
      if (verdict === 'taken') return { taken: true };
      if (verdict === 'lease')
        return { taken: false, why: 'lease', missed: { head: batch.expect, commits: [], found: true } };
      if (verdict === 'head') {
        const missed = missedIn(rest, batch.expect, (what) => this.#damaged(what));
        return { taken: false, why: 'head', missed };
      }
      if (verdict === 'format')
        throw new Error(
          `A newer compositord has taken over the store at ${this.#address.text}: use that one.`,
        );
      // Refused, so it may be sent again; whoever's turn it is mostly needs less than it may take.
      await this.#wait(Math.min(Math.max(Number(rest[0]) / 4, 1), 25));
    }
  }

  #run(call: ScriptCall): ReturnType<typeof runScript> {
    return this.#track(() => runScript(this.#commands, call));
  }

  /** Refuses what comes after close(), which lets what came before it finish. */
  async #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreUnreachable('the store is closed');
    const done = work();
    this.#underWay.add(done);
    try {
      return await done;
    } finally {
      this.#underWay.delete(done);
    }
  }

  async #end(): Promise<void> {
    this.#listeners.clear();
    this.#tail.stop();
    this.#watching.close();
    for (const connection of this.#loading) connection.close();
    // Answers that are on their way are true: a write need not stay unknown because we leave.
    await Promise.race([Promise.allSettled(this.#underWay), this.#wait(STORE_TIMEOUT)]);
    this.#commands.close();
  }

  #announce(): void {
    // Later, each for itself: one that throws must not end the watch.
    for (const listener of this.#listeners) this.#clock.soon(listener);
  }

  #connect(role: string, again: boolean): RedisConnection {
    return new RedisConnection({
      address: this.#address,
      clock: this.#clock,
      name: `compositord-${role}`,
      key: this.#keys.log,
      again,
    });
  }

  #damaged(what: string): Error {
    return damaged(this.#address.text, new Error(what));
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.after(ms, resolve));
  }
}
