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
  /** Milliseconds after which to look again; Infinity when there is nothing to wait for. */
  readonly next: number;
}

/** A fleet smaller than this is never held back: half of two is one compositor. */
const GUARDED_FLEET = 3;

/**
 * What to do about the leases, found in steps: ten thousand leases take longer than the event loop may be held.
 *
 * `watched` says for how many milliseconds, without a break, this replica has watched a lease, named by its key: it ends
 * one only after a whole TTL of that, since whoever was cut off has seen no renewals. Retention and guard count from
 * `staleAt`, which is in the manifest, so that they survive any restart.
 */
export function* leaseDuties(
  entries: readonly Compositor[],
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
  const duties: LeaseDuties = { grant: [], pullBack: [], drop: [], stale: [], remove: [], next: Infinity };
  let next = Infinity;
  const at = (ms: number) => (next = Math.min(next, ms));

  const holders = new Set<string>();
  const fleet = entries.filter(isLeased);
  const guarded =
    fleet.length >= GUARDED_FLEET && fleet.filter((e) => e.staleAt !== undefined).length * 2 > fleet.length;

  for (const entry of fleet) {
    const name = { id: entry.id, generation: entry.generation };
    const key = leaseKey(name);
    holders.add(key);
    if (holders.size % STEP === 0) yield;
    const ttl = entry.ttl * 1000;
    const deadline = deadlines.get(key);
    if (deadline === undefined || deadline > now + ttl) {
      duties[deadline === undefined ? 'grant' : 'pullBack'].push({ ...name, ttl: entry.ttl });
      at(ttl);
      continue;
    }
    const trusted = ttl - watched(key); // not positive once a whole TTL was watched
    const patience = (policy.retention + (guarded ? policy.guard : 0)) * 1000;
    const removeAt = entry.staleAt === undefined ? -Infinity : Date.parse(entry.staleAt) + patience;
    const left = Math.max(removeAt - now, deadline - now, trusted);
    if (left <= 0) duties[entry.staleAt === undefined ? 'stale' : 'remove'].push(name);
    else at(left);
  }
  for (const [key] of deadlines) if (!holders.has(key)) duties.drop.push(parseLeaseKey(key));
  return { ...duties, next };
}
