import type { Compositor } from './compositor.ts';
import {
  isLeased,
  leaseKey,
  parseLeaseKey,
  type LeaseName,
  type LeaseTable,
  type LeaseTerm,
} from './lease.ts';
import { STEP } from './steps.ts';

/** Seconds. */
export interface LeasePolicy {
  /** How long a compositor stays, dimmed, after its lease ran out. */
  readonly retention: number;
  /** How much longer at most while more than half of the fleet is out: an outage must not empty every screen. */
  readonly guard: number;
}

/** Everything in the manifest that a lease may keep there. */
export interface LeaseHolders {
  readonly compositors: readonly Compositor[];
  readonly regions: readonly LeaseTerm[];
}

/** What the leases call for now. Every list may be empty. */
export interface LeaseDuties {
  /** Entries without a lease get a full TTL (a store that lost them, a boot after a long stop). */
  readonly grant: LeaseTerm[];
  /** Deadlines beyond now + TTL are pulled back (the store's clock went back, or a new master's is behind). */
  readonly pullBack: LeaseTerm[];
  /** Leases without an entry, or of an older generation, go. */
  readonly drop: LeaseName[];
  /** Ran out: to be marked stale. */
  readonly stale: LeaseName[];
  /** Stale for longer than the retention: to be removed with all their tiles. */
  readonly remove: LeaseName[];
  /** Of regions: ran out, and the regions with them. */
  readonly release: LeaseName[];
  /** Milliseconds after which to look again; Infinity when there is nothing to wait for. */
  readonly next: number;
}

/** Nothing to do, and nothing to wait for. */
export function noDuties(): LeaseDuties {
  return { grant: [], pullBack: [], drop: [], stale: [], remove: [], release: [], next: Infinity };
}

/** A fleet smaller than this is never held back: half of two is one compositor. */
const GUARDED_FLEET = 3;

/** Whether so many of a fleet are out that the fault is rather ours, or the network's. */
export function isOutage(out: number, fleet: number): boolean {
  return fleet >= GUARDED_FLEET && out * 2 > fleet;
}

/**
 * What to do about the leases, found in steps: ten thousand leases take longer than the event loop may be held.
 *
 * `watched` says for how many milliseconds, without a break, this replica has watched a lease, named by its key: it ends
 * one only after a whole TTL of that, since whoever was cut off has seen no renewals. Retention and guard count from
 * `staleAt`, which is in the manifest, so that they survive any restart.
 */
export function* leaseDuties(
  { compositors, regions }: LeaseHolders,
  table: LeaseTable,
  watched: (key: string) => number,
  policy: LeasePolicy,
): Generator<void, LeaseDuties, undefined> {
  const { now } = table;
  const deadlines = new Map<string, number>();
  for (const lease of table.leases) {
    deadlines.set(leaseKey(lease), lease.deadline);
    if (deadlines.size % STEP === 0) yield;
  }
  const duties = noDuties();
  let next = Infinity;
  const at = (ms: number) => (next = Math.min(next, ms));

  const holders = new Set<string>();
  const fleet = compositors.filter(isLeased);
  const guarded = isOutage(fleet.filter((e) => e.staleAt !== undefined).length, fleet.length);

  /** Milliseconds until the lease of a holder has run out; undefined when it is to be granted or pulled back first. */
  const leftOf = (name: LeaseTerm): number | undefined => {
    const key = leaseKey(name);
    holders.add(key);
    const ttl = name.ttl * 1000;
    const deadline = deadlines.get(key);
    if (deadline === undefined || deadline > now + ttl) {
      duties[deadline === undefined ? 'grant' : 'pullBack'].push(name);
      at(ttl);
      return undefined;
    }
    // Not positive once a whole TTL was watched.
    const trusted = ttl - watched(key);
    return Math.max(deadline - now, trusted);
  };

  for (const { id, generation, ttl, staleAt } of fleet) {
    if (holders.size % STEP === STEP - 1) yield;
    const lease = leftOf({ id, generation, ttl });
    if (lease === undefined) continue;
    const patience = (policy.retention + (guarded ? policy.guard : 0)) * 1000;
    const removeAt = staleAt === undefined ? -Infinity : Date.parse(staleAt) + patience;
    const left = Math.max(removeAt - now, lease);
    if (left <= 0) duties[staleAt === undefined ? 'stale' : 'remove'].push({ id, generation });
    else at(left);
  }
  for (const { id, generation, ttl } of regions) {
    if (holders.size % STEP === STEP - 1) yield;
    const left = leftOf({ id, generation, ttl });
    if (left !== undefined && left <= 0) duties.release.push({ id, generation });
    else if (left !== undefined) at(left);
  }
  for (const [key] of deadlines) if (!holders.has(key)) duties.drop.push(parseLeaseKey(key));
  return { ...duties, next };
}
