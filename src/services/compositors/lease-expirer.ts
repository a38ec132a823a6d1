import { LongWork } from '../../concurrency/long-work.ts';
import type { Clock } from '../../domain/clock.ts';
import { makeCompositor, type Compositor } from '../../domain/compositor.ts';
import { DomainError, writeRefused } from '../../domain/errors.ts';
import { leaseDuties, type LeaseDuties, type LeasePolicy } from '../../domain/lease-expiry.ts';
import { requireHolder } from '../../domain/holder.ts';
import { isLeased, leaseKey, type LeaseName, type LeaseTable, type LeaseTerm } from '../../domain/lease.ts';
import { JUMP, LeaseWatch } from '../../domain/lease-watch.ts';
import type { Logger } from '../../domain/logger.ts';
import type { ManifestReader } from '../../domain/manifest-reader.ts';
import { emptyPatch, patchOf, type Patch } from '../../domain/patch.ts';
import { entryPatch, removal } from '../../domain/registration.ts';
import { STEP } from '../../domain/steps.ts';
import { StoreError, type Store } from '../../domain/store.ts';
import type { Plan } from '../manifest/plan.ts';
import type { Replica } from '../manifest/replica.ts';

/** Milliseconds: the longest and the shortest time between two looks at the leases. */
const LONGEST = 1000;
const SHORTEST = 20;

const MESSAGES = {
  stale: 'lease ran out; the compositor is stale',
  removed: 'stale for too long; the compositor and its tiles are removed',
  released: 'lease ran out; the region is released',
} as const;

interface LeaseExpirerOptions {
  readonly replica: Replica;
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: LeasePolicy;
  readonly log: Logger;
  /** See {@link removal}. */
  readonly namedAtMost?: number | undefined;
}

/** Ends leases that ran out, and keeps the store's leases in step with the manifest's compositors and regions. */
export class LeaseExpirer {
  /** How many leases were ended here, and how. */
  readonly ended = { stale: 0, removed: 0, released: 0 };
  readonly #options: LeaseExpirerOptions;
  readonly #watch = new LeaseWatch();
  /** Its own: behind the reads of clients a look might take longer than a replica may look away. */
  readonly #work: LongWork;
  /** What was renewed here since the last look. */
  readonly #renewed = new Map<string, number>();
  /** The store's clock minus ours at the last look lies between these two. */
  #offset: { least: number; most: number } | undefined;
  #stopTimer: () => void = () => undefined;
  #stopped = true;
  #working: Promise<void> = Promise.resolve();

  constructor(options: LeaseExpirerOptions) {
    this.#options = options;
    this.#work = new LongWork(options.clock);
  }

  start(): void {
    this.#stopped = false;
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#working;
  }

  /** When a lease runs out, milliseconds since 1970, as far as this replica knows. */
  deadline(id: string, generation: string): number | undefined {
    const key = leaseKey({ id, generation });
    return this.#renewed.get(key) ?? this.#watch.deadline(key);
  }

  /** False: the store knows no such lease. Throws as a write does that the store refuses. */
  async renew(term: LeaseTerm): Promise<boolean> {
    const [renewed] = await this.renewAll([term]);
    return renewed ?? false;
  }

  /** {@link renew} for several, in one round trip. */
  async renewAll(terms: readonly LeaseTerm[]): Promise<readonly boolean[]> {
    try {
      const renewed = await this.#options.store.renew(terms);
      const now = this.#options.clock.now();
      for (const [i, term] of terms.entries())
        if (renewed[i]) this.#renewed.set(leaseKey(term), now + term.ttl * 1000);
      return renewed;
    } catch (error) {
      throw error instanceof StoreError ? writeRefused(error) : error;
    }
  }

  #schedule(ms: number): void {
    this.#stopTimer = this.#options.clock.after(Math.min(LONGEST, Math.max(ms, SHORTEST)), () => {
      this.#working = this.#look()
        .catch((error: unknown) => {
          if (!(error instanceof StoreError) && !(error instanceof DomainError))
            this.#options.log.error({ err: error }, 'cannot look after the leases');
          return LONGEST;
        })
        .then((next) => {
          if (!this.#stopped) this.#schedule(next);
        });
    });
  }

  /** Does what is due; returns the milliseconds until the next look. */
  async #look(): Promise<number> {
    const { replica, store, clock } = this.#options;
    if (!replica.copy.loaded) return LONGEST;
    const asked = clock.monotonic();
    const renewedBefore = new Map(this.#renewed);
    const table = await store.leases();
    this.#watchClock(table.now, asked);
    const duties = await this.#work.run(this.#dutiesBy(table));
    for (const [key, deadline] of renewedBefore)
      if (this.#renewed.get(key) === deadline) this.#renewed.delete(key);
    if (duties.pullBack.length > 0) await store.renew(duties.pullBack);
    if (duties.grant.length > 0 || duties.drop.length > 0) await this.#settle(duties.grant, duties.drop);
    for (const lease of duties.stale) await this.#end(lease, 'stale');
    for (const lease of duties.remove) await this.#end(lease, 'removed');
    for (const lease of duties.release) await this.#end(lease, 'released');
    return duties.next;
  }

  /** Records a look, and says what it calls for. */
  *#dutiesBy(table: LeaseTable): Generator<void, LeaseDuties, undefined> {
    const { replica, clock, policy } = this.#options;
    const now = clock.monotonic();
    const connected = replica.connectivity.connectedFor();
    const { manifest } = replica.copy;
    const compositors = [...manifest.compositors()].map(([, entry]) => entry);
    const regions = Array.from(manifest.regionsIn(), ([id, { generation, ttl }]) => ({
      id,
      generation,
      ttl,
    }));
    // To read so many from the store was work enough for one turn.
    if (table.leases.length > STEP) yield;
    const ttls = new Map<string, number>();
    for (const entry of [...compositors.filter(isLeased), ...regions]) {
      ttls.set(leaseKey(entry), entry.ttl * 1000);
      if (ttls.size % STEP === 0) yield;
    }
    yield* this.#watch.look(table, (key) => ttls.get(key), now);
    const watched = (key: string) => this.#watch.watchedFor(key, connected, now);
    return yield* leaseDuties({ compositors, regions }, table, watched, policy);
  }

  /** The store read its clock as `now` at some time between `asked` and the present: a slow answer is no jump. */
  #watchClock(now: number, asked: number): void {
    const offset = { least: now - this.#options.clock.monotonic(), most: now - asked };
    const before = this.#offset ?? offset;
    const jump = Math.max(offset.least - before.most, before.least - offset.most);
    if (jump > JUMP) {
      this.#options.log.warn({ ms: Math.round(jump) }, "the store's clock jumped; leases get a full TTL");
      this.#options.replica.connectivity.restart();
    }
    this.#offset = offset;
  }

  async #settle(grants: LeaseTerm[], drops: LeaseName[]): Promise<void> {
    await this.#options.replica.submit((manifest) => {
      // Checked again on the manifest that is committed on: an entry may have come or gone meanwhile.
      const held = (lease: LeaseName) => holderOf(manifest, lease)?.generation === lease.generation;
      return {
        patch: emptyPatch(),
        by: 'daemon',
        grants: grants.filter(held),
        drops: drops.filter((lease) => !held(lease)),
        result: undefined,
      };
    });
  }

  async #end(lease: LeaseName, how: keyof typeof MESSAGES): Promise<void> {
    try {
      const plan: Plan<undefined> = (manifest, now) => {
        this.#requireExpired(manifest, lease);
        return {
          ...this.#endOf(manifest, lease, how, now),
          by: 'daemon',
          expired: [lease],
          result: undefined,
        };
      };
      await this.#options.replica.submit(plan, { alone: true });
    } catch (error) {
      // It was renewed, left, or was taken over since we looked: that is what the check is for.
      if (error instanceof DomainError && ['lease-lost', 'not-found'].includes(error.kind)) return;
      throw error;
    }
    this.ended[how] += 1;
    this.#options.log.info({ [how === 'released' ? 'region' : 'compositor']: lease.id }, MESSAGES[how]);
  }

  #endOf(
    manifest: ManifestReader,
    lease: LeaseName,
    how: keyof typeof MESSAGES,
    now: number,
  ): { patch: Patch; withdraws?: string; drops: readonly LeaseName[] } {
    const { id } = lease;
    if (how === 'released') return { patch: patchOf({ regions: new Map([[id, null]]) }), drops: [lease] };
    if (how === 'stale') return { patch: staleness(requireHolder(manifest, id), now), drops: [] };
    const end = removal(manifest, id, { namedAtMost: this.#options.namedAtMost });
    return { ...end, drops: [lease, ...end.drops] };
  }

  /** Throws unless the lease may end. Checked at each try: the connection may have been lost since the first one. */
  #requireExpired(manifest: ManifestReader, lease: LeaseName): void {
    const holder = holderOf(manifest, lease);
    if (holder?.generation !== lease.generation)
      throw new DomainError('not-found', `${lease.id} has ended, or another generation holds its lease`);
    if (this.#options.replica.connectivity.connectedFor() < (holder.ttl ?? 0) * 1000)
      throw new DomainError('lease-lost', `${lease.id} may have renewed unseen`);
  }
}

/** What a lease keeps in the manifest: ids of regions and compositors differ. */
function holderOf(
  manifest: ManifestReader,
  { id }: LeaseName,
): { generation?: string; ttl?: number } | undefined {
  return manifest.region(id) ?? manifest.compositor(id);
}

function staleness(entry: Compositor, now: number): Patch {
  const staleAt = entry.staleAt ?? new Date(now).toISOString();
  return entryPatch(makeCompositor({ ...entry, staleAt }));
}
