import { BackgroundJob } from '../../concurrency/background-job.ts';
import { repeat, sleep } from '../../concurrency/timeout.ts';
import type { ArchivableStore, Intake, StoreDescription } from '../../domain/archivable-store.ts';
import type { Claims, ClaimTable } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import { GENESIS, type Cursor } from '../../domain/cursor.ts';
import { leaseKey, parseLeaseKey, type LeaseTable, type LeaseTerm } from '../../domain/lease.ts';
import { NO_GUARD, type MemoryGuard } from '../../domain/memory-guard.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { StoreFault } from '../../domain/store-error.ts';
import { newestFeature } from '../../domain/store-feature.ts';
import {
  STORE_TIMEOUT,
  StoreError,
  StoreUnreachable,
  type Batch,
  type CommitResult,
  type Missed,
  type LoadedState,
  type StoreState,
} from '../../domain/store.ts';
import { claim, release } from './claims.ts';
import { ImageFile } from './image-file.ts';
import { openFolder, type Folder } from './folder.ts';
import { damaged } from './lmdb-errors.ts';
import { appendLog, encodeLog, missedSince } from './commit-log.ts';
import { StagedFolder } from './staged-folder.ts';
import { Tickets } from './tickets.ts';
import { encodePatch, readState, writePatch } from './state.ts';
import { headOf, raiseFormat, type Tables } from './tables.ts';
import { leaseDeadline, prepareBatch, writeBatch } from './write-batch.ts';
import { forgetWithdrawn, readWithdrawn, SWEEP_COUNT, sweepSome } from './withdrawn.ts';

export interface EmbeddedStoreOptions {
  /** The folder; created when there is none. */
  readonly path: string;
  /** Leases and claims run out by its `now()`. */
  readonly clock: Clock;
  /** Bytes of address space to map at first; the map grows with the data, so this is seldom needed. */
  readonly mapSize?: number;
  /** Asked while everything is loaded. */
  readonly memory?: MemoryGuard | undefined;
  /** Tiles that one transaction of a sweep looks at; tests lower it. */
  readonly sweepCount?: number;
}

/** Milliseconds between two checks for commits of another process, should its hint be lost. */
const CHECK_INTERVAL = 500;
/** The topic of the hint that something was committed. */
const COMMITTED = 'embedded.committed';
/** Milliseconds between two transactions of a sweep, so that other processes get theirs. */
const SWEEP_PAUSE = 2;

/**
 * A store and the claims beside it, in a folder of this machine. Several stores on one folder, of one process or of several, are several
 * clients of the same data. Every write is answered after its fsync.
 */
export class EmbeddedStore implements ArchivableStore, Claims {
  readonly kind = 'embedded';
  readonly shared = false;
  readonly images: ImageFile;
  readonly #clock: Clock;
  readonly #folder: Folder;
  readonly #memory: MemoryGuard;
  readonly #sweepCount: number;
  readonly #sweeping: BackgroundJob;
  readonly #listeners = new Set<() => void>();
  /** The newest head that the listeners know, or that this store made. */
  #seen: Cursor = GENESIS;
  #stopChecking: (() => void) | undefined;
  /** Tells other processes of commits, and what they told. */
  #peerBus: Pick<PeerBus, 'hint'> | undefined;
  #tickets: Tickets | undefined;
  #stopHints: () => void = () => undefined;
  #closed: Promise<void> | undefined;

  /** Throws an Error of one line when the folder cannot be used, is damaged, or has a newer format. */
  static async open(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
    return new EmbeddedStore(await openFolder(options.path, options.mapSize), options);
  }

  private constructor(folder: Folder, { clock, memory, sweepCount = SWEEP_COUNT }: EmbeddedStoreOptions) {
    this.#folder = folder;
    this.images = new ImageFile(folder.path);
    this.#clock = clock;
    this.#memory = memory ?? NO_GUARD;
    this.#sweepCount = sweepCount;
    this.#sweeping = new BackgroundJob(clock, () => this.#sweep());
    folder.watch(this.#check);
  }

  /** Throws an Error that says so when the folder's content does not fit together. */
  async load(): Promise<LoadedState> {
    const options = {
      damaged: (what: string, cause?: unknown) => damaged(this.#folder.path, what, cause),
      memory: this.#memory,
      image: await this.images.read(),
    };
    const state = this.#read((tables) => readState(tables, options));
    this.#seen = state.head;
    // Whoever withdrew a compositor may have ended before its tiles were swept.
    this.#sweeping.begin();
    return state;
  }

  async commit(batch: Batch): Promise<CommitResult> {
    const deadline = this.#clock.monotonic() + STORE_TIMEOUT;
    let lost = false;
    // Batches of one client that are under way together stay in order, so nothing is awaited when nobody has a ticket.
    if (batch.commits.length > 0 && this.#tickets?.othersHave) {
      await this.#tickets.wait();
      // Who had the ticket has committed, most likely: no transaction is needed to see that.
      lost = this.#read(headOf) !== batch.expect;
    }
    const begun = this.#clock.monotonic();
    const outcome = lost ? 'head' : await this.#write(batch, deadline - begun);
    if (outcome === 'head') this.#tickets?.lost();
    if (outcome !== 'taken') return { taken: false, why: outcome, missed: await this.read(batch.expect) };
    this.#tickets?.committed(this.#clock.monotonic() - begun);
    return { taken: true };
  }

  /** Takes the batch whole, or not at all. */
  async #write(batch: Batch, timeout: number): Promise<'taken' | 'head' | 'lease'> {
    const prepared = prepareBatch(batch);
    const { head, withdrawn } = prepared;
    const outcome = await this.#transact(
      (tables) => writeBatch(tables, batch, prepared, this.#clock.now()),
      timeout,
    );
    if (outcome !== 'taken') return outcome;
    if (head !== undefined) this.#announce(head);
    if (withdrawn.size > 0) this.#sweeping.begin();
    return outcome;
  }

  async head(): Promise<Cursor> {
    return this.#read(headOf);
  }

  async read(cursor: Cursor): Promise<Missed> {
    return this.#read((tables) => missedSince(tables, cursor));
  }

  follow(listener: () => void): () => void {
    // Wrapped, so that one function may be added twice, and none is called after it was removed.
    const entry = () => {
      if (this.#listeners.has(entry)) listener();
    };
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) this.#stopChecking = repeat(this.#clock, CHECK_INTERVAL, this.#check);
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.#stopChecking?.();
    };
  }

  /** From now on stores in other processes hear of a commit at once, and this one of theirs; and they commit in turn. */
  useBus(peerBus: PeerBus): void {
    this.#peerBus = peerBus;
    this.#tickets = new Tickets({ clock: this.#clock, peerBus });
    this.#stopHints = peerBus.subscribe(COMMITTED, this.#check);
  }

  async leases(): Promise<LeaseTable> {
    return this.#read((tables) => ({
      now: this.#clock.now(),
      leases: [...tables.leases.getRange()].map(({ key, value }) => ({
        ...parseLeaseKey(key),
        deadline: value,
      })),
    }));
  }

  async renew(leases: readonly LeaseTerm[]): Promise<boolean[]> {
    return this.#transact((tables) => {
      const now = this.#clock.now();
      return leases.map((lease) => {
        const key = leaseKey(lease);
        if (tables.leases.get(key) === undefined) return false;
        tables.leases.putSync(key, leaseDeadline(now, lease));
        return true;
      });
    });
  }

  async refill(state: StoreState): Promise<boolean> {
    const entries = encodeLog(state.log);
    const changes = encodePatch(state.manifest);
    const feature = newestFeature(state.log, state.manifest);
    const filled = await this.#transact((tables) => {
      if (headOf(tables) !== GENESIS) return false;
      appendLog(tables, entries, state.head);
      writePatch(tables, changes);
      raiseFormat(tables, feature);
      return true;
    });
    if (filled) this.#announce(state.head);
    return filled;
  }

  async describe(): Promise<StoreDescription> {
    return this.#read(() => this.#folder.describe());
  }

  async takeIn(name: string): Promise<Intake> {
    this.#throwIfClosed();
    const [target, clock, memory] = [this.#folder, this.#clock, this.#memory];
    return StagedFolder.open({ target, clock, memory, name, onFinished: (head) => this.#announce(head) });
  }

  async claim(holder: string, ids: readonly string[], ttl: number): Promise<ClaimTable> {
    return this.#transact((tables) => claim(tables, holder, ids, ttl, this.#clock.now()));
  }

  async release(holder: string, ids: readonly string[]): Promise<void> {
    await this.#transact((tables) => release(tables, holder, ids));
  }

  async check(): Promise<StoreFault | undefined> {
    this.#throwIfClosed();
    return this.#folder.check(this.#clock);
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#listeners.clear();
      this.#stopChecking?.();
      this.#stopHints();
      this.#tickets?.stop();
      this.#sweeping.close();
      this.#closed = this.#folder.release(this.#check, this.#clock);
    }
    return this.#closed;
  }

  /** Removes the tiles of withdrawn compositors, until no withdrawal is left. Several stores may do so at once. */
  async #sweep(): Promise<void> {
    for (;;) {
      const withdrawn = this.#read(readWithdrawn);
      if (withdrawn.size === 0) return;
      let after: string | undefined;
      do {
        const from = after;
        after = await this.#transact((tables) => sweepSome(tables, from, this.#sweepCount));
        await sleep(this.#clock, SWEEP_PAUSE);
      } while (after !== undefined);
      await this.#transact((tables) => forgetWithdrawn(tables, withdrawn));
    }
  }

  #announce(head: Cursor): void {
    this.#seen = head;
    this.#folder.announce(this.#check);
    this.#peerBus?.hint(COMMITTED);
  }

  #check = (): void => {
    if (this.#listeners.size === 0) return;
    try {
      const head = this.#read(headOf);
      if (head === this.#seen) return;
      this.#seen = head;
    } catch (error) {
      // This was only for a hint: the next call to the store reports the error.
      if (error instanceof StoreError) return;
      throw error;
    }
    // Later, since this may run inside another store's commit, which a listener that throws must not fail.
    for (const listener of this.#listeners) this.#clock.soon(listener);
  };

  #read<T>(work: (tables: Tables) => T): T {
    this.#throwIfClosed();
    return this.#folder.read(work);
  }

  async #transact<T>(work: (tables: Tables) => T, timeout = STORE_TIMEOUT): Promise<T> {
    this.#throwIfClosed();
    return this.#folder.transact(this.#clock, () => work(this.#folder.tables), timeout);
  }

  #throwIfClosed(): void {
    if (this.#closed) throw new StoreUnreachable('the embedded store is closed');
  }
}
