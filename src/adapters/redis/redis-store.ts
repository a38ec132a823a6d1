import { randomUUID } from 'node:crypto';
import { BackgroundJob } from '../../concurrency/background-job.ts';
import { waitAtMost } from '../../concurrency/timeout.ts';
import type { ArchivableStore, Intake, StoreDescription } from '../../domain/archivable-store.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { leaseKey, parseLeaseKey, type LeaseTable, type LeaseTerm } from '../../domain/lease.ts';
import type { MemoryGuard } from '../../domain/memory-guard.ts';
import type { StoreFault } from '../../domain/store-error.ts';
import {
  STORE_TIMEOUT,
  StoreUnreachable,
  type Batch,
  type CommitResult,
  type Missed,
  type LoadedState,
  type StoreState,
} from '../../domain/store.ts';
import type { RedisDeployment } from '../../domain/redis-access.ts';
import { checkWrites } from './check.ts';
import { Committer } from './committer.ts';
import { describe, inspect } from './inspect.ts';
import { channelOf, keysOf, type Keys } from './keys.ts';
import { loadState } from './load.ts';
import { missedIn, PAGE_BYTES } from './commit-log.ts';
import { RedisConnection, type Arguments, type Reply } from './redis-connection.ts';
import { unusable } from './redis-errors.ts';
import { refill } from './refill.ts';
import { runScript, SCRIPTS, type Script } from './scripts.ts';
import { StagedRestore } from './staged-restore.ts';
import { sweep, SWEEP_COUNT } from './sweep.ts';
import { Tail } from './tail.ts';

export interface RedisStoreOptions extends RedisDeployment {
  /** Begins the names of all keys; daemons that share it share the manifest. */
  readonly namespace: string;
  /** Only measures; leases run out by Redis's own clock. */
  readonly clock: Clock;
  /** Asked while everything is loaded. */
  readonly memory?: MemoryGuard | undefined;
  /** Tiles that one step of a sweep looks at; tests lower it. */
  readonly sweepCount?: number;
}

/**
 * A store in Redis 7 or newer, for any number of daemons at once. Commands, the watch over the log, each load,
 * and each sweep have connections of their own.
 */
export class RedisStore implements ArchivableStore {
  readonly kind = 'redis';
  readonly shared = true;
  readonly #options: RedisStoreOptions;
  readonly #keys: Keys;
  readonly #commands: RedisConnection;
  readonly #tail: Tail;
  readonly #committer: Committer;
  readonly #pending = new Set<Promise<unknown>>();
  readonly #scanning = new Set<RedisConnection>();
  readonly #sweeping: BackgroundJob;
  #closed: Promise<void> | undefined;

  /**
   * Throws an Error of one line when this Redis can never be used: a wrong password, no Redis, a newer format, keys of
   * another program. A Redis that is merely away is no error here.
   */
  static async open(options: RedisStoreOptions): Promise<RedisStore> {
    const store = new RedisStore(options);
    try {
      await store.#inspect(store.#commands);
    } catch (error) {
      if (error instanceof StoreUnreachable) return store;
      await store.close();
      throw error;
    }
    return store;
  }

  private constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.#keys = keysOf(options.namespace);
    this.#commands = this.#connect('commands', true);
    this.#committer = new Committer({
      connection: this.#commands,
      keys: this.#keys,
      clock: options.clock,
      name: randomUUID().slice(0, 8),
    });
    this.#sweeping = new BackgroundJob(options.clock, () =>
      this.#scan('sweep', (connection) => sweep(connection, this.#keys, options.sweepCount ?? SWEEP_COUNT)),
    );
    this.#tail = new Tail({
      connection: this.#connect('tail', true),
      log: this.#keys.log,
      clock: options.clock,
    });
  }

  /** How often the watch over the log broke off and began again. */
  get tailRestarts(): number {
    return this.#tail.restarts;
  }

  /**
   * Each of its round trips is bounded by {@link STORE_TIMEOUT}, not all of them together: a million tiles take
   * longer. Throws an Error of one line when the data cannot be served.
   */
  async load(): Promise<LoadedState> {
    return this.#track(() =>
      this.#scan('load', async (connection) => {
        await this.#inspect(connection);
        const { state, unswept } = await loadState(connection, this.#keys, this.#options.memory);
        this.#tail.note(state.head);
        // Whoever made them may have ended before all of them were swept.
        if (unswept) this.#sweeping.begin();
        return state;
      }),
    );
  }

  async commit(batch: Batch): Promise<CommitResult> {
    return this.#track(async () => {
      const head = batch.commits.at(-1)?.cursor;
      if (head !== undefined) this.#tail.expect(head);
      try {
        const result = await this.#committer.commit(batch);
        if (result.taken && head !== undefined) this.#tail.note(head);
        return result;
      } finally {
        // Without an answer, too: it may be in the store.
        if (batch.commits.some(({ withdraws }) => withdraws !== undefined)) this.#sweeping.begin();
      }
    });
  }

  async head(): Promise<Cursor> {
    return (await this.#run(SCRIPTS.head, this.#keys.log)) as Cursor;
  }

  async read(cursor: Cursor): Promise<Missed> {
    const reply = await this.#run(SCRIPTS.read, this.#keys.log, [cursor, PAGE_BYTES]);
    return missedIn(reply, cursor, this.#commands.where);
  }

  follow(listener: () => void): () => void {
    return this.#closed ? () => undefined : this.#tail.follow(listener);
  }

  async leases(): Promise<LeaseTable> {
    const reply = await this.#run(SCRIPTS.leases, this.#keys.leases);
    const [seconds, micros, ...pairs] = reply as readonly string[];
    const leases = [];
    for (let i = 0; i < pairs.length; i += 2)
      leases.push({ ...parseLeaseKey(pairs[i]!), deadline: Number(pairs[i + 1]) });
    return { now: Number(seconds) * 1000 + Math.floor(Number(micros) / 1000), leases };
  }

  async renew(leases: readonly LeaseTerm[]): Promise<boolean[]> {
    const args = leases.flatMap((lease) => [leaseKey(lease), lease.ttl * 1000]);
    const reply = await this.#run(SCRIPTS.renew, this.#keys.leases, args);
    return (reply as readonly number[]).map((held) => held === 1);
  }

  /** Like {@link load}, each of its round trips is bounded. */
  async refill(state: StoreState): Promise<boolean> {
    return this.#track(async () => {
      const filled = await refill(this.#commands, this.#keys, state);
      if (filled) this.#tail.note(state.head);
      return filled;
    });
  }

  async describe(): Promise<StoreDescription> {
    return this.#track(() => describe(this.#commands, this.#keys));
  }

  /** Like {@link load}, each round trip of what it returns is bounded. */
  async takeIn(name: string): Promise<Intake> {
    const load = async (keys: Keys) => {
      const { memory } = this.#options;
      const loaded = await this.#scan('restore', (connection) => loadState(connection, keys, memory));
      return loaded.state;
    };
    const onFinished = (head: Cursor) => this.#tail.note(head);
    const [connection, keys] = [this.#commands, this.#keys];
    return this.#track(() => StagedRestore.open({ connection, keys, name, load, onFinished }));
  }

  async check(): Promise<StoreFault | undefined> {
    return this.#track(() => checkWrites(this.#commands, this.#keys));
  }

  async close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  /** Throws an Error of one line when what is there can never be used. */
  async #inspect(connection: RedisConnection): Promise<void> {
    try {
      await connection.opened();
      await inspect(connection, this.#keys, channelOf(this.#options.namespace, 'nobody'));
    } catch (error) {
      throw unusable(connection.where, error) ?? error;
    }
  }

  #run(script: Script, key: string, args?: Arguments): Promise<Reply> {
    return this.#track(() => runScript(this.#commands, script, [key], args));
  }

  /** Refuses calls after close(), which waits for those before it. */
  async #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreUnreachable('the store is closed');
    const done = work();
    this.#pending.add(done);
    try {
      return await done;
    } finally {
      this.#pending.delete(done);
    }
  }

  async #end(): Promise<void> {
    this.#tail.close();
    this.#sweeping.close();
    for (const connection of this.#scanning) connection.close();
    // Without their answers it would not be known whether the last writes were done.
    await waitAtMost(this.#options.clock, STORE_TIMEOUT, Promise.allSettled(this.#pending));
    this.#commands.close();
  }

  /** Does `work` on a connection of its own that does not come back when it is lost. */
  async #scan<T>(role: string, work: (connection: RedisConnection) => Promise<T>): Promise<T> {
    const connection = this.#connect(role, false);
    this.#scanning.add(connection);
    try {
      return await work(connection);
    } finally {
      this.#scanning.delete(connection);
      connection.close();
    }
  }

  #connect(role: string, reconnect: boolean): RedisConnection {
    return new RedisConnection({ ...this.#options, role, reconnect });
  }
}
