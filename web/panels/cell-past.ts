import type { Tile } from '../../src/client/client.ts';
import type { CellCommit } from './details-api.ts';

/** What is known of how a tile came to be. */
export type CellPast =
  /** The commits are not read yet, or older than the tile. */
  | { readonly kind: 'unknown' }
  /** The tile has been there since before the history begins. */
  | { readonly kind: 'older' }
  | {
      readonly kind: 'known';
      /** The commit that set the tile as it is. */
      readonly setBy: CellCommit;
      /** The commit since which its owner has had the cell; undefined: for longer than the history goes back. */
      readonly ownedSince: CellCommit | undefined;
    };

/** `commits` are those that changed the cell of `tile`, newest first; undefined: not read yet. */
export function pastOf(tile: Tile, commits: readonly CellCommit[] | undefined): CellPast {
  if (!commits) return { kind: 'unknown' };
  const [setBy] = commits;
  if (!setBy) return { kind: 'older' };
  if (!isSame(setBy.tile, tile)) return { kind: 'unknown' };
  let ownedSince: CellCommit | undefined;
  for (const commit of commits) {
    if (commit.tile?.compositor !== tile.compositor) break;
    ownedSince = commit;
  }
  // The owner may have had it before the oldest commit that is known, too.
  if (ownedSince?.before?.compositor === tile.compositor) ownedSince = undefined;
  return { kind: 'known', setBy, ownedSince };
}

function isSame(a: Tile | null, b: Tile): boolean {
  return a?.brick === b.brick && a.timestamp === b.timestamp && a.compositor === b.compositor;
}
