import type { Clock } from '../../domain/clock.ts';
import { GENESIS, type Cursor } from '../../domain/cursor.ts';
import { leaseKey, parseLeaseKey } from '../../domain/lease.ts';
import { composeInto, emptyPatch } from '../../domain/patch.ts';
import {
  StoreUnreachable,
  type Batch,
  type CommitResult,
  type LeaseTable,
  type LeaseTerm,
  type Missed,
  type Store,
  type StoreState,
} from '../../domain/store.ts';
import { damaged, openFolder, type Folder } from './folder.ts';
import { missedSince, trimLog } from './commit-log.ts';
import { encodeLog, encodePatch, readState, writePatch } from './state.ts';
import { headOf, type Tables } from './tables.ts';

export interface EmbeddedStoreOptions {
  /** The folder; created when there is none. */
  readonly path: string;
  /** Leases run out by its `now()`. */
  readonly clock: Clock;
  /** Bytes of address space to map at first; the map grows with the data, so this is seldom needed. */
  readonly mapSize?: number;
}

/** Milliseconds between two looks for commits of another process; inside one process the hint comes at once. */
const LOOK_INTERVAL = 500;

/**
 * A store in a folder of this machine. Several stores on one folder, of one process or of several, are several
 * clients of the same data. Every write is answered after its fsync.
 */
export class EmbeddedStore implements Store {
  readonly kind = 'embedded';
  readonly shared = false;
  readonly #clock: Clock;
  readonly #folder: Folder;
  readonly #listeners = new Set<() => void>();
  /** The newest head this store has told its listeners of, or made itself. */
  #seen: Cursor = GENESIS;
  #stopLooking: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** Throws an Error of one line when the folder cannot be used, is damaged, or has a newer format. */
  static async open(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
    return new EmbeddedStore(await openFolder(options.path, options.mapSize), options.clock);
  }

  private constructor(folder: Folder, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
    folder.watch(this.#look);
  }

  /** Throws an Error that says so when the folder's content does not fit together. */
  async load(): Promise<StoreState> {
    const state = this.#view((tables) => readState(tables, (what) => damaged(this.#folder.path, what)));
    this.#seen = state.head;
    return state;
  }

  async commit(batch: Batch): Promise<CommitResult> {
    const rows = encodeLog(batch.commits);
    const changes = encodePatch(
      batch.commits.reduce((all, { patch }) => composeInto(all, patch), emptyPatch()),
    );
    // One compositor's writes in a batch all renew the same lease: the last one says it all.
    const grants = new Map(batch.grants.map((lease) => [leaseKey(lease), lease]));
    const head = batch.commits.at(-1)?.cursor;
    const verdict = await this.#transact((tables) => {
      const now = this.#clock.now();
      if (headOf(tables) !== batch.expect) return 'head';
      for (const lease of batch.expired)
        if ((tables.leases.get(leaseKey(lease)) ?? now) > now) return 'lease';
      for (const [revision, text] of rows) tables.log.putSync(revision, text);
      if (head !== undefined) tables.meta.putSync('head', head);
      writePatch(tables, changes);
      for (const [key, lease] of grants) tables.leases.putSync(key, deadline(now, lease));
      // After the grants: in one batch somebody may register and leave again.
      for (const lease of batch.drops) tables.leases.removeSync(leaseKey(lease));
      trimLog(tables, batch.keepFrom);
      return 'taken';
    });
    if (verdict !== 'taken') return { taken: false, why: verdict, missed: await this.read(batch.expect) };
    if (head !== undefined) this.#announce(head);
    return { taken: true };
  }

  async head(): Promise<Cursor> {
    return this.#view(headOf);
  }

  async read(cursor: Cursor): Promise<Missed> {
    return this.#view((tables) => missedSince(tables, cursor));
  }

  follow(listener: () => void): () => void {
    // Wrapped, so that one function may follow twice, and none is called once it has left.
    const entry = () => {
      if (this.#listeners.has(entry)) listener();
    };
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) this.#lookAgain();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.#stopLooking?.();
    };
  }

  async leases(): Promise<LeaseTable> {
    return this.#view((tables) => ({
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
        tables.leases.putSync(key, deadline(now, lease));
        return true;
      });
    });
  }

  async refill(state: StoreState): Promise<boolean> {
    const rows = encodeLog(state.log);
    const entries = encodePatch(state.manifest);
    const filled = await this.#transact((tables) => {
      if (headOf(tables) !== GENESIS) return false;
      for (const [revision, text] of rows) tables.log.putSync(revision, text);
      writePatch(tables, entries);
      tables.meta.putSync('head', state.head);
      return true;
    });
    if (filled) this.#announce(state.head);
    return filled;
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#listeners.clear();
      this.#stopLooking?.();
      this.#closed = this.#folder.release(this.#look, this.#clock);
    }
    return this.#closed;
  }

  #announce(head: Cursor): void {
    this.#seen = head;
    this.#folder.announce(this.#look);
  }

  #look = (): void => {
    if (this.#listeners.size === 0) return;
    try {
      const head = this.#view(headOf);
      if (head === this.#seen) return;
      this.#seen = head;
    } catch (error) {
      // Only a hint: whoever asks the store next is told what is wrong.
      if (error instanceof StoreUnreachable) return;
      throw error;
    }
    // Later, since we may be inside somebody else's commit: a listener that throws must not fail that.
    for (const listener of this.#listeners) this.#clock.soon(listener);
  };

  #lookAgain(): void {
    this.#stopLooking = this.#clock.after(LOOK_INTERVAL, () => {
      this.#look();
      this.#lookAgain();
    });
  }

  #view<T>(work: (tables: Tables) => T): T {
    this.#refuseIfClosed();
    return this.#folder.view(work);
  }

  async #transact<T>(work: (tables: Tables) => T): Promise<T> {
    this.#refuseIfClosed();
    return this.#folder.transact(this.#clock, () => work(this.#folder.tables));
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new StoreUnreachable('the embedded store is closed');
  }
}

function deadline(now: number, lease: LeaseTerm): number {
  return now + lease.ttl * 1000;
}
