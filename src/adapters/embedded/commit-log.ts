import { decodeCommit, encodeCommit, type Commit } from '../../domain/commit.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { Missed } from '../../domain/store.ts';
import { headOf, type Tables } from './tables.ts';

/** One answer holds at most this much of the log; a reader that is further behind asks again. */
const MAX_COMMITS = 1000;
const MAX_CHARS = 4 * 1024 * 1024;

/** What a reader at `cursor` has missed. */
export function missedSince(tables: Tables, cursor: Cursor): Missed {
  const head = headOf(tables);
  if (cursor === head) return { head, commits: [], found: true };
  const commits: Commit[] = [];
  let chars = 0;
  for (const { value } of tables.log.getRange({ start: revisionOf(cursor) + 1 })) {
    const commit = decodeCommit(value);
    // `prev` carries the nonce: after a trim, or on another branch, the next entry follows another cursor.
    if (commits.length === 0 && commit.prev !== cursor) break;
    commits.push(commit);
    chars += value.length;
    if (commits.length === MAX_COMMITS || chars > MAX_CHARS) break;
  }
  return { head, commits, found: commits.length > 0 };
}

/** The entries of the log for `commits`: revision and text. */
export function encodeLog(commits: readonly Commit[]): [number, string][] {
  return commits.map((commit) => [revisionOf(commit.cursor), encodeCommit(commit)]);
}

/** Appends what {@link encodeLog} gave, and makes its end the head. */
export function appendLog(tables: Tables, entries: readonly [number, string][], head: Cursor): void {
  for (const [revision, text] of entries) tables.log.putSync(revision, text);
  tables.meta.putSync('head', head);
}

/** Removes what is older than revision `keepFrom`, but never the newest commit: without it nothing says what the head holds. */
export function trimLog(tables: Tables, keepFrom: number): void {
  const end = Math.min(keepFrom, revisionOf(headOf(tables)));
  // Collected first: removing under an open LMDB cursor moves it.
  for (const revision of [...tables.log.getKeys({ end })]) tables.log.removeSync(revision);
}
