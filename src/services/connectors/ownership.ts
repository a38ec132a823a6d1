import type { Claims, ClaimTable } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import { StoreError } from '../../domain/store.ts';

export interface OwnershipOptions {
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

/** Milliseconds that a claim lasts. */
const TTL = 9000;
/** Milliseconds between two renewals. */
const RENEW = 3000;
/** Milliseconds until the next attempt when the store is away. */
const RETRY = 400;
/** A claim counts as over this many milliseconds before its end, so that the next holder finds no connection still open. */
const MARGIN = 250;
/**
 * The most milliseconds to wait before claiming a free id: a fixed part, and a part for each id that is held already, so that
 * replicas with few ids take most of the free ones.
 */
const WAIT = 150;
const WAIT_PER_HELD = 3;
const MAX_WAIT = 1200;
/** Ids that become due within this many milliseconds share one round trip. */
const BATCH_WINDOW = 40;

/**
 * Decides which compositors this replica connects to. It claims ids that no replica holds, renews its claims, and gives an id up
 * as soon as its claim is no longer certain.
 */
export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #wanted = new Set<string>();
  /** Until when each claim certainly lasts, by this process's monotonic clock. */
  readonly #held = new Map<string, number>();
  /** Ids of other replicas: who holds each, and until when it is not claimed. */
  #others = new Map<string, { readonly holder: string; readonly until: number }>();
  /** When each free id may be claimed. */
  readonly #due = new Map<string, number>();
  /** Held, but no longer wanted: to be released. */
  readonly #releasing = new Set<string>();
  #tableAt = -Infinity;
  #renewedAt = -Infinity;
  #stopTimer: () => void = () => undefined;
  #stopExpiry: () => void = () => undefined;
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** From now on some replica should hold these. */
  want(ids: Iterable<string>): void {
    // Called at every commit that names a compositor, so known ids must cost nothing.
    let known = true;
    for (const id of ids) {
      if (this.#wanted.has(id)) continue;
      known = false;
      this.#releasing.delete(id);
      this.#wanted.add(id);
      this.#claimLater(id);
    }
    if (!known) this.#schedule();
  }

  /** From now on this replica should hold it, so it waits for no other. */
  wantHere(id: string): void {
    this.#releasing.delete(id);
    this.#wanted.add(id);
    if (!this.#held.has(id)) this.#due.set(id, this.#options.clock.monotonic());
    this.#schedule();
  }

  /** From now on no replica should hold these. */
  forget(ids: Iterable<string>): void {
    const lost = [];
    let known = false;
    for (const id of ids) {
      if (!this.#wanted.delete(id)) continue;
      known = true;
      this.#due.delete(id);
      if (!this.#held.delete(id)) continue;
      this.#releasing.add(id);
      lost.push(id);
    }
    if (lost.length > 0) this.#options.lost(lost);
    if (known) this.#schedule();
  }

  /** Another replica has released these before their claims ran out. */
  released(holder: string, ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#others.get(id)?.holder !== holder) continue;
      this.#others.delete(id);
      if (this.#wanted.has(id)) this.#claimLater(id);
    }
    this.#schedule();
  }

  /** Whether this replica certainly holds it now. */
  holds(id: string): boolean {
    return (this.#held.get(id) ?? -Infinity) > this.#options.clock.monotonic() + MARGIN;
  }

  /** Who holds it: as of the last renewal, or as of now when `fresh`. Throws what the store throws. */
  async holderOf(id: string, fresh = false): Promise<string | undefined> {
    if (this.holds(id)) return this.#options.self;
    const { claims, clock, self } = this.#options;
    const now = clock.monotonic();
    const known = this.#others.get(id);
    if (known && now - this.#tableAt < RENEW && !fresh) return known.holder;
    const claim = (await claims.claim(self, [], TTL)).get(id);
    if (claim?.holder === self) this.#others.delete(id);
    else if (claim) this.#others.set(id, { holder: claim.holder, until: now + claim.left });
    if (claim) return claim.holder;
    // Nobody released it and the store lost it: its connection is still open, and its holder claims it again.
    const lost = this.#others.get(id);
    return lost && lost.until > now ? lost.holder : undefined;
  }

  /** Releases everything; resolves to what was held. The connections must be closed by then. */
  async stop(): Promise<string[]> {
    this.#stopped = true;
    this.#stopTimer();
    this.#stopExpiry();
    await this.#working;
    const held = [...this.#held.keys(), ...this.#releasing];
    this.#held.clear();
    // All wanted ids: a claim that was sent and not answered may hold.
    const ids = [...this.#wanted, ...this.#releasing];
    if (ids.length > 0)
      await this.#options.claims.release(this.#options.self, ids).catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
      });
    return held;
  }

  /** A free id: this replica claims it after a random wait, unless another one is quicker. */
  #claimLater(id: string): void {
    if (this.#due.has(id)) return;
    const longest = Math.min(WAIT + WAIT_PER_HELD * this.#held.size, MAX_WAIT);
    this.#due.set(id, this.#options.clock.monotonic() + this.#options.random() * longest);
  }

  /** Plans the next round. Rounds never overlap. */
  #schedule(): void {
    if (this.#stopped || this.#working) return;
    this.#stopTimer();
    if (this.#wanted.size === 0 && this.#releasing.size === 0) return;
    const now = this.#options.clock.monotonic();
    let next = this.#releasing.size > 0 ? now : this.#renewedAt + RENEW;
    for (const at of this.#due.values()) next = Math.min(next, at + BATCH_WINDOW);
    for (const [id, { until }] of this.#others) if (this.#wanted.has(id)) next = Math.min(next, until);
    this.#after(Math.max(next - now, 0));
  }

  #after(ms: number): void {
    this.#stopTimer = this.#options.clock.after(ms, () => {
      this.#working = this.#round()
        .then(() => true)
        .catch((error: unknown) => {
          if (!(error instanceof StoreError))
            this.#options.log.error({ err: error }, 'cannot renew the claims on connections');
          return false;
        })
        .then((done) => {
          this.#working = undefined;
          if (this.#stopped) return;
          if (done) this.#schedule();
          else this.#after(RETRY * (0.75 + this.#options.random() / 2));
        });
    });
  }

  /** One round trip: claims due ids, renews held ones when it is time to, and learns what other replicas hold. */
  async #round(): Promise<void> {
    const { claims, clock, self } = this.#options;
    if (this.#releasing.size > 0) {
      const leaving = [...this.#releasing];
      await claims.release(self, leaving);
      for (const id of leaving) this.#releasing.delete(id);
    }
    const asked = clock.monotonic();
    const dueIds = [...this.#due].filter(([, at]) => at <= asked + BATCH_WINDOW).map(([id]) => id);
    // Not in each round: one new compositor would make the store rewrite the claims of all others.
    const renew = asked - this.#renewedAt >= RENEW - BATCH_WINDOW;
    const ids = new Set(renew ? [...this.#held.keys(), ...dueIds] : dueIds);
    const table = await claims.claim(self, [...ids], TTL);
    if (this.#stopped) return;
    this.#tableAt = asked;
    if (renew) this.#renewedAt = asked;
    this.#applyTable(table, ids, asked);
  }

  /** Applies the table: which of the requested `ids` this replica got, and which it lost. */
  #applyTable(table: ClaimTable, ids: ReadonlySet<string>, asked: number): void {
    const gained = [];
    const lost = [];
    const { self, clock } = this.#options;
    for (const id of ids) {
      this.#due.delete(id);
      if (table.get(id)?.holder !== self) continue;
      // It stopped being wanted during the round trip.
      if (!this.#wanted.has(id)) this.#releasing.add(id);
      else if (!this.#held.has(id)) gained.push(id);
    }
    for (const id of this.#held.keys()) {
      const holder = table.get(id)?.holder;
      if (holder === self && ids.has(id)) this.#held.set(id, asked + TTL);
      // The store lost it. The others leave it alone until it would have run out, so claim it again.
      else if (holder === undefined && !ids.has(id)) this.#due.set(id, asked);
      else if (holder !== self) lost.push(id);
    }
    for (const id of gained) this.#held.set(id, asked + TTL);
    for (const id of lost) this.#held.delete(id);
    this.#updateOthers(table, asked, clock.monotonic());
    this.#watchExpiry();
    if (lost.length > 0) this.#options.lost(lost);
    if (gained.length > 0) this.#options.gained(gained);
  }

  /** Notes what other replicas hold, and plans to claim what is free. */
  #updateOthers(table: ClaimTable, asked: number, now: number): void {
    const before = this.#others;
    this.#others = new Map();
    for (const [id, { holder, left }] of table)
      if (holder !== this.#options.self) this.#others.set(id, { holder, until: now + left });
    // One that vanished early and that nobody released: the store lost it, and its holder claims it again.
    for (const [id, other] of before) if (!table.has(id) && other.until > asked) this.#others.set(id, other);
    for (const id of this.#wanted) {
      if (this.#held.has(id)) continue;
      if (this.#others.has(id)) this.#due.delete(id);
      else this.#claimLater(id);
    }
  }

  /** Gives up in time each claim that is no longer certain, whatever the store does. */
  #watchExpiry(): void {
    this.#stopExpiry();
    if (this.#held.size === 0 || this.#stopped) return;
    const { clock } = this.#options;
    const first = Math.min(...this.#held.values());
    this.#stopExpiry = clock.after(first - MARGIN - clock.monotonic(), () => {
      const expired = [...this.#held.keys()].filter((id) => !this.holds(id));
      for (const id of expired) {
        this.#held.delete(id);
        this.#claimLater(id);
      }
      this.#watchExpiry();
      if (expired.length === 0) return;
      this.#options.log.warn(
        { connectors: expired.length },
        'claims could not be renewed; their connections close',
      );
      this.#options.lost(expired);
      this.#schedule();
    });
  }
}
