import type { Commit } from '../../domain/commit.ts';
import type { Compositor } from '../../domain/compositor.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { formatDigest } from '../../domain/digest.ts';
import { History } from '../../domain/history.ts';
import { leaseKey, type Lease } from '../../domain/lease.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { ManifestAt } from '../../domain/manifest-at.ts';
import type { Region } from '../../domain/region.ts';
import type { LoadedState } from '../../domain/store.ts';

/** Everything at one cursor, for an archive. */
export interface Moment {
  readonly head: Cursor;
  readonly digest: string;
  readonly compositors: readonly (readonly [string, Compositor])[];
  readonly regions: readonly (readonly [string, Region])[];
  /** Of those compositors and regions, and no others. */
  readonly leases: readonly Lease[];
  readonly tileCount: number;
  /** For the tiles: there may be a million. */
  readonly manifest: ManifestAt;
  /** Ends at the head. */
  readonly log: readonly Commit[];
}

interface Present {
  readonly live: LiveManifest;
  /** Of the head of `live`. */
  readonly manifest: ManifestAt;
  readonly log: readonly Commit[];
  /** Read at about the same time. */
  readonly leases: readonly Lease[];
}

/** The present, which may change once the caller has let others run. */
export function momentOf({ live, manifest, log, leases }: Present): Moment {
  const compositors = [...live.compositors()];
  const regions = [...live.regionsIn()];
  const holders = new Set<string>();
  for (const [id, { generation }] of [...compositors, ...regions])
    if (generation !== undefined) holders.add(leaseKey({ id, generation }));
  return {
    head: manifest.cursor,
    digest: formatDigest(live.digest),
    compositors,
    regions,
    // One that was granted or dropped since belongs to another cursor.
    leases: leases.filter((lease) => holders.has(leaseKey(lease))),
    tileCount: live.tileCount,
    manifest,
    // A daemon whose history is empty may know an older commit, which says nothing about this cursor.
    log: log.at(-1)?.cursor === manifest.cursor ? log : [],
  };
}

const KEEP_ALL = { commits: Infinity, seconds: 0, bytes: Infinity };

/** What a store has loaded. */
export function momentOfState({ head, manifest: live, log }: LoadedState, leases: readonly Lease[]): Moment {
  const history = new History(KEEP_ALL, head);
  return momentOf({ live, manifest: new ManifestAt(live, history, head), log, leases });
}
