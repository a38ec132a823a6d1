import { makeCompositor, type Compositor } from './compositor.ts';
import { DomainError } from './errors.ts';
import { isLeased, type LeaseTerm } from './lease.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { principalOfConnection } from './registration-limits.ts';
import type { Principal } from './token.ts';

/** Who writes for a compositor. */
export interface Writer {
  /** The registration it speaks for; without it the write is not fenced. */
  readonly generation?: string | undefined;
  /** Whose token it has; absent for what the daemon writes. */
  readonly principal?: Principal | undefined;
  /** The compositor itself writes, over its own connection: held to the limits of its registration instead of a token's. */
  readonly overConnection?: boolean;
}

/** On whose behalf `writer` writes for the compositor of `entry`; undefined: without limits of its own. */
export function principalOf(writer: Writer, entry: Compositor | undefined): Principal | undefined {
  return writer.overConnection ? principalOfConnection(entry?.limits) : writer.principal;
}

/**
 * The entry of `id`, if the writer may write for it: with a generation it must be the one that holds the lease;
 * without one it is not fenced. Throws `not-found` and `lease-lost`.
 */
export function requireHolder(manifest: ManifestReader, id: string, generation?: string): Compositor {
  const entry = manifest.compositor(id);
  if (!entry) throw new DomainError('not-found', `no compositor ${JSON.stringify(id)} is registered`);
  if (generation !== undefined && generation !== entry.generation)
    throw new DomainError('lease-lost', `another registration of ${JSON.stringify(id)} holds the lease`);
  return entry;
}

/** The renewal that a write by the holder brings with it; none for a compositor that holds no lease. */
export function renewalOf(entry: Compositor): LeaseTerm[] {
  return isLeased(entry) ? [{ id: entry.id, generation: entry.generation, ttl: entry.ttl }] : [];
}

/** The entry as it is after a renewal: no longer stale. */
export function renewed(entry: Compositor): Compositor {
  return entry.staleAt === undefined ? entry : makeCompositor({ ...entry, staleAt: undefined });
}
