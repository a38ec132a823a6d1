import { decodeCommit, encodeCommit, isComplete, type Commit } from '../../domain/commit.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { Missed } from '../../domain/store.ts';
import type { Reply } from './redis-connection.ts';
import { damaged } from './redis-errors.ts';

/** About how many bytes of the log one answer holds; a reader that is further behind asks again. */
export const PAGE_BYTES = 1024 * 1024;
/** The same for what comes with a commit that lost the race: most often it missed one. */
export const MISSED_BYTES = 64 * 1024;

/** The entry of the log for `commit`: revision (of the id `<revision>-0`), cursor, JSON. */
export function encodeEntry(commit: Commit): [revision: number, cursor: string, text: string] {
  return [revisionOf(commit.cursor), commit.cursor, encodeCommit(commit)];
}

/** What `read.lua` of the Redis at `where` answered about `cursor`. Throws an Error of one line for an entry that is no commit. */
export function missedIn(reply: Reply, cursor: Cursor, where: string): Missed {
  const [head, ...texts] = reply as string[];
  const commits: Commit[] = [];
  let before = cursor;
  for (const text of texts) {
    const commit = decodeEntry(text, where);
    // Trimmed away, or of another branch: what follows here does not continue from there.
    if (commit.prev !== before) break;
    commits.push(commit);
    before = commit.cursor;
  }
  return { head: head as Cursor, commits, found: cursor === head || commits.length > 0 };
}

/** The commit in an entry of the log. Others may have written it, so all that we rely on is checked. */
export function decodeEntry(text: string, where: string): Commit {
  let commit: Commit;
  try {
    commit = decodeCommit(text);
  } catch (error) {
    throw damaged(where, `an entry of its log is not a commit: ${(error as Error).message}`);
  }
  if (!isComplete(commit))
    throw damaged(where, `the entry ${JSON.stringify(commit.cursor)} of its log is not a commit`);
  return commit;
}
