import { changesOf, type Withdrawn } from '../../domain/batch-changes.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { leaseKey, type LeaseTerm } from '../../domain/lease.ts';
import { newestFeature, type StoreFeature } from '../../domain/store-feature.ts';
import type { Batch } from '../../domain/store.ts';
import { appendLog, encodeLog, trimLog } from './commit-log.ts';
import { encodePatch, writePatch, type EncodedPatch } from './state.ts';
import { headOf, raiseFormat, type Tables } from './tables.ts';
import { noteWithdrawn } from './withdrawn.ts';

/** A batch, encoded before the transaction that writes it. */
export interface PreparedBatch {
  readonly entries: readonly [number, string][];
  readonly changes: EncodedPatch;
  readonly withdrawn: Withdrawn;
  readonly grants: ReadonlyMap<string, LeaseTerm>;
  readonly feature: StoreFeature;
  /** The head after it; undefined for a batch without commits. */
  readonly head: Cursor | undefined;
}

export function prepareBatch(batch: Batch): PreparedBatch {
  const { patch, withdrawn } = changesOf(batch.commits);
  return {
    entries: encodeLog(batch.commits),
    changes: encodePatch(patch),
    withdrawn,
    // One compositor's writes in a batch all renew the same lease: only the last one counts.
    grants: new Map(batch.grants.map((lease) => [leaseKey(lease), lease])),
    feature: newestFeature(batch.commits),
    head: batch.commits.at(-1)?.cursor,
  };
}

/** Writes a batch in the transaction of its caller, at `now` (milliseconds since 1970), or says what is in its way. */
export function writeBatch(
  tables: Tables,
  batch: Batch,
  { entries, changes, withdrawn, grants, feature, head }: PreparedBatch,
  now: number,
): 'taken' | 'head' | 'lease' {
  if (headOf(tables) !== batch.expect) return 'head';
  for (const lease of batch.expired) if ((tables.leases.get(leaseKey(lease)) ?? now) > now) return 'lease';
  if (head !== undefined) appendLog(tables, entries, head);
  if (feature !== 'none') raiseFormat(tables, feature);
  const marked = noteWithdrawn(tables, withdrawn);
  writePatch(tables, changes, marked && head !== undefined ? revisionOf(head) : undefined);
  for (const [key, lease] of grants) tables.leases.putSync(key, leaseDeadline(now, lease));
  // After the grants: a batch may hold a registration and its end.
  for (const lease of batch.drops) tables.leases.removeSync(leaseKey(lease));
  trimLog(tables, batch.keepFrom);
  return 'taken';
}

/** Milliseconds since 1970. */
export function leaseDeadline(now: number, lease: LeaseTerm): number {
  return now + lease.ttl * 1000;
}
