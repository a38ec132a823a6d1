import type { Commit } from './commit.ts';
import type { Cursor } from './cursor.ts';
import { apply, emptyPatch, type Manifest, type Patch } from './patch.ts';

/** Compositors, each with the commit that withdrew it: the tiles that it had before that commit are gone. */
export type Withdrawn = ReadonlyMap<string, Cursor>;

/** What a run of commits does together, for stores that keep its result. */
export interface BatchChanges {
  /** Entries by name. A tile of a compositor that a later commit of the run withdraws is removed here. */
  readonly patch: Patch;
  /** Of a compositor that is withdrawn twice, the newer commit. Its tiles go first: those that `patch` sets are newer. */
  readonly withdrawn: Withdrawn;
}

/** What `commits` (oldest first) do together. Tiles that a commit which withdraws may name are not looked at: they can be a million. */
export function changesOf(commits: readonly Commit[]): BatchChanges {
  const patch = emptyPatch();
  const withdrawn = new Map<string, Cursor>();
  // Newest first, so that the first commit that names an entry decides, and it is known who is withdrawn after it.
  for (const { cursor, patch: change, withdraws } of commits.toReversed()) {
    for (const [id, entry] of change.compositors)
      if (!patch.compositors.has(id)) patch.compositors.set(id, entry);
    for (const [id, region] of change.regions) if (!patch.regions.has(id)) patch.regions.set(id, region);
    if (withdraws !== undefined) {
      if (!withdrawn.has(withdraws)) withdrawn.set(withdraws, cursor);
      continue;
    }
    for (const [key, tile] of change.tiles)
      if (!patch.tiles.has(key)) patch.tiles.set(key, tile && withdrawn.has(tile.compositor) ? null : tile);
  }
  return { patch, withdrawn };
}

/** Changes `manifest` in place as `commits` say, oldest first, and returns it. Withdrawals cost one pass over all tiles. */
export function applyCommits(manifest: Manifest, commits: readonly Commit[]): Manifest {
  const { patch, withdrawn } = changesOf(commits);
  if (withdrawn.size > 0)
    for (const [key, tile] of manifest.tiles) if (withdrawn.has(tile.compositor)) manifest.tiles.delete(key);
  return apply(manifest, patch);
}
