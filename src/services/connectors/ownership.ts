import type { Claims, ClaimTable } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import { isStoreError } from '../manifest/store-errors.ts';

export interface ClaimKeeperOptions {
  readonly claims: Claims;
  readonly clock: Clock;
  /** Names this replica. */
  readonly self: string;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  readonly gained: (ids: readonly string[]) => void;
  readonly lost: (ids: readonly string[]) => void;
}

/** Milliseconds that a claim lasts, between two renewals, and before the next try when the store is away. */
const TTL = 9000;
const RENEW = 3000;
const AGAIN = 400;
/** Milliseconds before a claim's end when it counts as over: who takes it next must find nobody still at work. */
const MARGIN = 250;
/**
 * Milliseconds that a free id is left to the others, at most: a part for all, and one for each that is held already, so
 * that those with little take most.
 */
const WAIT = 150;
const WAIT_EACH = 3;
const LONGEST_WAIT = 1200;
/** Milliseconds in which those that are due are gathered for one round trip. */
const GATHER = 40;

/** Holds claims on what this replica is to connect to, as long as it surely has them, and takes over what others leave. */
export class Ownership {
  readonly #options: ClaimKeeperOptions;
  readonly #wanted = new Set<string>();
  /** Until when by our own clock, which never jumps, each claim surely lasts. */
  readonly #held = new Map<string, number>();
  /** Of those that others hold: who, and until when they are left alone. */
  #others = new Map<string, { readonly holder: string; readonly until: number }>();
  /** When free ones may be claimed. */
  readonly #due = new Map<string, number>();
  /** Held, but not wanted any more. */
  readonly #leaving = new Set<string>();
  #lookedAt = -Infinity;
  #renewedAt = -Infinity;
  #stopTimer: () => void = () => undefined;
  #stopExpiry: () => void = () => undefined;
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(options: ClaimKeeperOptions) {
    this.#options = options;
  }

  /** From now on these are to be held by somebody. */
  want(ids: Iterable<string>): void {
    // Asked at every commit that names a compositor: what is known already must cost nothing.
    let known = true;
    for (const id of ids) {
      if (this.#wanted.has(id)) continue;
      known = false;
      this.#leaving.delete(id);
      this.#wanted.add(id);
      this.#postpone(id);
    }
    if (!known) this.#schedule();
  }

  /** From now on nobody is to hold these. */
  forget(ids: Iterable<string>): void {
    const dropped = [];
    let known = false;
    for (const id of ids) {
      if (!this.#wanted.delete(id)) continue;
      known = true;
      this.#due.delete(id);
      if (!this.#held.delete(id)) continue;
      this.#leaving.add(id);
      dropped.push(id);
    }
    if (dropped.length > 0) this.#options.lost(dropped);
    if (known) this.#schedule();
  }

  /** Somebody has let go of these before their time. */
  freed(holder: string, ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#others.get(id)?.holder !== holder) continue;
      this.#others.delete(id);
      if (this.#wanted.has(id)) this.#postpone(id);
    }
    this.#schedule();
  }

  /** Whether this replica surely holds it now. */
  holds(id: string): boolean {
    return (this.#held.get(id) ?? -Infinity) > this.#options.clock.monotonic() + MARGIN;
  }

  /** Who holds it; not older than one renewal, or as of now when `fresh`. Throws what the store throws. */
  async holderOf(id: string, fresh = false): Promise<string | undefined> {
    if (this.holds(id)) return this.#options.self;
    const known = this.#others.get(id)?.holder;
    const recent = this.#options.clock.monotonic() - this.#lookedAt < RENEW;
    if (known !== undefined && recent && !fresh) return known;
    const table = await this.#options.claims.claim(this.#options.self, [], TTL);
    return table.get(id)?.holder;
  }

  /** Lets go of everything; resolves to what was held. The connectors are to be closed by then. */
  async stop(): Promise<string[]> {
    this.#stopped = true;
    this.#stopTimer();
    this.#stopExpiry();
    await this.#working;
    const held = [...this.#held.keys(), ...this.#leaving];
    this.#held.clear();
    // All that are wanted: a claim that was sent and not answered may be ours.
    const ids = [...this.#wanted, ...this.#leaving];
    if (ids.length > 0)
      await this.#options.claims.release(this.#options.self, ids).catch((error: unknown) => {
        if (!isStoreError(error)) throw error;
      });
    return held;
  }

  /** Free as far as we know: ours in a moment, unless another is quicker. */
  #postpone(id: string): void {
    if (this.#due.has(id)) return;
    const most = Math.min(WAIT + WAIT_EACH * this.#held.size, LONGEST_WAIT);
    this.#due.set(id, this.#options.clock.monotonic() + this.#options.random() * most);
  }

  /** When the next round is due: one at a time. */
  #schedule(): void {
    if (this.#stopped || this.#working) return;
    this.#stopTimer();
    if (this.#wanted.size === 0 && this.#leaving.size === 0) return;
    const now = this.#options.clock.monotonic();
    let next = this.#leaving.size > 0 ? now : this.#renewedAt + RENEW;
    for (const at of this.#due.values()) next = Math.min(next, at + GATHER);
    for (const [id, { until }] of this.#others) if (this.#wanted.has(id)) next = Math.min(next, until);
    this.#after(Math.max(next - now, 0));
  }

  #after(ms: number): void {
    this.#stopTimer = this.#options.clock.after(ms, () => {
      this.#working = this.#round()
        .then(() => true)
        .catch((error: unknown) => {
          if (!isStoreError(error))
            this.#options.log.error({ err: error }, 'cannot look after the claims of connectors');
          return false;
        })
        .then((done) => {
          this.#working = undefined;
          if (this.#stopped) return;
          if (done) this.#schedule();
          else this.#after(AGAIN * (0.75 + this.#options.random() / 2));
        });
    });
  }

  /** One round trip: claims what is due, renews what is held when it is time to, and learns of the others. */
  async #round(): Promise<void> {
    const { claims, clock, self } = this.#options;
    if (this.#leaving.size > 0) {
      const leaving = [...this.#leaving];
      await claims.release(self, leaving);
      for (const id of leaving) this.#leaving.delete(id);
    }
    const asked = clock.monotonic();
    const due = [...this.#due].filter(([, at]) => at <= asked + GATHER).map(([id]) => id);
    // Not in each round: one compositor that comes would have the claims of all others written anew.
    const renew = asked - this.#renewedAt >= RENEW - GATHER;
    const ids = new Set(renew ? [...this.#held.keys(), ...due] : due);
    const table = await claims.claim(self, [...ids], TTL);
    if (this.#stopped) return;
    this.#lookedAt = asked;
    if (renew) this.#renewedAt = asked;
    this.#take(table, ids, asked);
  }

  /** What we hold of `ids`, which were asked for, and what the table shows of the rest. */
  #take(table: ClaimTable, ids: ReadonlySet<string>, asked: number): void {
    const gained = [];
    const lost = [];
    const { self, clock } = this.#options;
    for (const id of ids) {
      this.#due.delete(id);
      if (table.get(id)?.holder !== self) continue;
      // Not wanted any more since we asked.
      if (!this.#wanted.has(id)) this.#leaving.add(id);
      else if (!this.#held.has(id)) gained.push(id);
    }
    for (const id of this.#held.keys()) {
      const holder = table.get(id)?.holder;
      if (holder === self && ids.has(id)) this.#held.set(id, asked + TTL);
      // The store lost it. It is ours for as long as it was to last, and the others leave it alone: bring it back.
      else if (holder === undefined && !ids.has(id)) this.#due.set(id, asked);
      else if (holder !== self) lost.push(id);
    }
    for (const id of gained) this.#held.set(id, asked + TTL);
    for (const id of lost) this.#held.delete(id);
    this.#look(table, asked, clock.monotonic());
    this.#watchExpiry();
    if (lost.length > 0) this.#options.lost(lost);
    if (gained.length > 0) this.#options.gained(gained);
  }

  /** What others hold, and what is free. */
  #look(table: ClaimTable, asked: number, now: number): void {
    const before = this.#others;
    this.#others = new Map();
    for (const [id, { holder, left }] of table)
      if (holder !== this.#options.self) this.#others.set(id, { holder, until: now + left });
    for (const id of this.#wanted) {
      if (this.#held.has(id)) continue;
      const other = before.get(id);
      if (this.#others.has(id)) this.#due.delete(id);
      // Gone before its time, and nobody let go of it: the store lost it. Its holder is there, and brings it back.
      else if (other && other.until > asked) this.#others.set(id, other);
      else this.#postpone(id);
    }
  }

  /** Whatever the store does: what is not surely ours any more is given up in time. */
  #watchExpiry(): void {
    this.#stopExpiry();
    if (this.#held.size === 0 || this.#stopped) return;
    const { clock } = this.#options;
    const first = Math.min(...this.#held.values());
    this.#stopExpiry = clock.after(first - MARGIN - clock.monotonic(), () => {
      const over = [...this.#held.keys()].filter((id) => !this.holds(id));
      for (const id of over) {
        this.#held.delete(id);
        this.#postpone(id);
      }
      this.#watchExpiry();
      if (over.length === 0) return;
      this.#options.log.warn(
        { connectors: over.length },
        'claims could not be renewed; their connectors close',
      );
      this.#options.lost(over);
      this.#schedule();
    });
  }
}
