import type { Withdrawn } from './batch-changes.ts';
import { revisionOf } from './cursor.ts';
import type { Tile } from './tile.ts';

/**
 * A tile as a store keeps it. A store does not remove the tiles of a withdrawn compositor in the commit that withdraws it: it notes the
 * compositor and the commit, and sweeps the tiles later. Until then a tile counts only if it is not older than that commit. So
 * while anything is noted, each tile that is written gets the revision of the newest commit of its batch; one without a
 * revision is older than whatever is noted.
 */
interface StoredTile extends Tile {
  readonly revision?: number;
}

/** The text of a tile with the revision of its batch. */
export function withRevision(text: string, revision: number): string {
  return `${text.slice(0, -1)},"revision":${revision}}`;
}

/** The tile in the text that a store keeps; undefined when it does not count any more. Throws a SyntaxError for what is no JSON. */
export function decodeTile(text: string, withdrawn: Withdrawn): Tile | undefined {
  const stored = JSON.parse(text) as StoredTile | null;
  if (typeof stored !== 'object' || stored === null) throw new SyntaxError(text.slice(0, 40));
  const withdrawal = withdrawn.get(stored.compositor);
  if (withdrawal !== undefined && (stored.revision ?? 0) < revisionOf(withdrawal)) return undefined;
  if (stored.revision === undefined) return stored;
  const { brick, timestamp, compositor } = stored;
  return { brick, timestamp, compositor };
}
