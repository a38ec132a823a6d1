import type { Cursor } from '../../domain/cursor.ts';
import type { ManifestReader } from '../../domain/manifest-reader.ts';
import type { Patch } from '../../domain/patch.ts';
import type { WriteLimits } from '../../domain/quota.ts';
import type { LeaseName, LeaseTerm } from '../../domain/lease.ts';

/** What a plan wants committed. */
export interface Step<T> {
  readonly patch: Patch;
  /** A compositor that `patch` removes, and all of whose tiles go with it although `patch` does not name them. */
  readonly withdraws?: string | undefined;
  /** On whose behalf: a compositor's id, or `daemon`. */
  readonly by: string;
  /** The name of the token that wanted it. */
  readonly principal?: string | undefined;
  readonly result: T;
  /** The quotas that the step must keep; without them it may always be done, as what the daemon does by itself. */
  readonly limits?: WriteLimits;
  /** Leases that start or are renewed with this write. */
  readonly grants?: readonly LeaseTerm[];
  readonly drops?: readonly LeaseName[];
  /** Leases that must have run out by the store's clock for this step to be taken. */
  readonly expired?: readonly LeaseName[];
}

/** A pure function of the manifest and the time (ms since 1970). It may be asked again, and may throw a DomainError. */
export type Plan<T> = (manifest: ManifestReader, now: number) => Step<T>;

/** What came of a write. */
export interface Written {
  /** The commit this write made; the present head when it changed nothing. */
  readonly cursor: Cursor;
  /** How many entries it changed. */
  readonly changed: number;
}

export interface Receipt<T> extends Written {
  readonly result: T;
}
