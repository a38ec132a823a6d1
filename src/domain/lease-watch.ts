import { leaseKey, type LeaseTable } from './lease.ts';
import { STEP } from './steps.ts';

/** Milliseconds between two looks, of which one is due every second: after a longer gap nobody knows what went on in it. */
const GAP = 1500;

/** If the store's clock and ours, which never jumps, drift apart by this many ms, it jumped: a tenth of the shortest TTL. */
export const JUMP = 100;

/**
 * For how long each lease was watched. A deadline that came since the last look was set since then, so it lies at least
 * a TTL after the store's time of that look. One that lies closer was set by a clock that had jumped and may be back by
 * now, or is an older one that came back with another server: such a lease gets a whole TTL from when it was first seen.
 */
export class LeaseWatch {
  #deadlines: ReadonlyMap<string, number> = new Map();
  /**
   * When (monotonic, ms) the first look was, or the first after a gap: a replica that waits for an emptied store is
   * connected, and yet sees no clock and no lease.
   */
  #began = Infinity;
  #last = -Infinity;
  /** The store's time of the last look. */
  #before = -Infinity;
  /** Since when (monotonic, ms) a doubtful deadline has been watched. */
  #doubted = new Map<string, number>();

  /**
   * Takes a look in steps, and counts it after the last. `ttlOf` in milliseconds, of leases that have an entry. `monotonic`:
   * our time of this look, in milliseconds.
   */
  *look(
    table: LeaseTable,
    ttlOf: (key: string) => number | undefined,
    monotonic: number,
  ): Generator<void, void, undefined> {
    const deadlines = new Map<string, number>();
    const doubted = new Map<string, number>();
    for (const lease of table.leases) {
      const key = leaseKey(lease);
      const isNew = this.#deadlines.get(key) !== lease.deadline;
      const isClose = lease.deadline < this.#before + (ttlOf(key) ?? 0) - JUMP;
      const since = isNew ? (isClose ? monotonic : undefined) : this.#doubted.get(key);
      if (since !== undefined) doubted.set(key, since);
      deadlines.set(key, lease.deadline);
      if (deadlines.size % STEP === 0) yield;
    }
    this.#deadlines = deadlines;
    this.#doubted = doubted;
    this.#before = table.now;
    if (monotonic - this.#last > GAP) this.#began = monotonic;
    this.#last = monotonic;
  }

  /** As of the last look, milliseconds since 1970 by the store's clock. */
  deadline(key: string): number | undefined {
    return this.#deadlines.get(key);
  }

  /** Milliseconds, at most `connected`: for how long this replica has been connected to the store. */
  watchedFor(key: string, connected: number, monotonic: number): number {
    const since = Math.max(this.#doubted.get(key) ?? 0, this.#began);
    return Math.max(0, Math.min(connected, monotonic - since));
  }
}
