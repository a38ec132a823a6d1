import type { Compositor } from './compositor.ts';

/** One registration of one id. */
export interface LeaseName {
  readonly id: string;
  readonly generation: string;
}

export interface LeaseTerm extends LeaseName {
  /** Seconds. */
  readonly ttl: number;
}

export interface Lease extends LeaseName {
  /** Milliseconds since 1970 by the store's clock. */
  readonly deadline: number;
}

export interface LeaseTable {
  /** The store's clock, milliseconds since 1970. */
  readonly now: number;
  readonly leases: readonly Lease[];
}

/** A compositor that holds a lease; one from the configuration holds none. */
export function isLeased(entry: Compositor): entry is Compositor & { ttl: number; generation: string } {
  return entry.generation !== undefined && entry.ttl !== undefined;
}

/** How stores name a lease. A generation has no colon, an id neither, so the name is unambiguous. */
export function leaseKey(lease: LeaseName): string {
  return `${lease.id}:${lease.generation}`;
}

export function parseLeaseKey(key: string): LeaseName {
  const colon = key.indexOf(':');
  return { id: key.slice(0, colon), generation: key.slice(colon + 1) };
}
