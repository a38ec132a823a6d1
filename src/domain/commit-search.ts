import { commitSize, mayChange, type Commit } from './commit.ts';
import type { History } from './history.ts';
import type { Tile } from './tile.ts';

/** Which commits: all of what is given must hold. */
export interface CommitFilter {
  /** Those that changed this cell. */
  readonly cell?: string | undefined;
  /** Those made on behalf of this compositor, or by the `daemon`. */
  readonly by?: string | undefined;
}

/** Commits, and bytes of their texts, that are looked at between two steps. */
const STEP_COMMITS = 500;
const STEP_BYTES = 1_000_000;

/** The newest commits that pass `filter`, at most `limit`, from before the revision `below` on; in steps between which others may run. */
export function* newestCommits(
  history: History,
  { below, limit, filter }: { below: number | undefined; limit: number; filter: CommitFilter },
): Generator<void, Commit[], undefined> {
  const found: Commit[] = [];
  let [commits, bytes] = [0, 0];
  for (const commit of history.newestFirst(below)) {
    if (passes(commit, filter)) found.push(commit);
    if (found.length === limit) break;
    commits += 1;
    if (filter.cell !== undefined) bytes += commitSize(commit);
    if (commits < STEP_COMMITS && bytes < STEP_BYTES) continue;
    [commits, bytes] = [0, 0];
    yield;
  }
  return found;
}

function passes(commit: Commit, { cell, by }: CommitFilter): boolean {
  if (by !== undefined && commit.by !== by) return false;
  if (cell === undefined) return true;
  return mayChange(commit, cell) && commit.patch.tiles.has(cell);
}

/** What a commit left in a cell that it changed, and what was there before; null: nothing. */
export function tilesOf(commit: Commit, cell: string): { tile: Tile | null; before: Tile | null } {
  return { tile: commit.patch.tiles.get(cell) ?? null, before: commit.undo.tiles.get(cell) ?? null };
}
