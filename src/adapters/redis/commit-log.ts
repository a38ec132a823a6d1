import { decodeCommit, encodeCommit, type Commit } from '../../domain/commit.ts';
import { parseCursor, revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { Missed } from '../../domain/store.ts';
import type { Reply } from './redis-connection.ts';

/** About how many bytes of the log one answer holds; whoever is further behind asks again. */
export const PAGE_BYTES = 1024 * 1024;
/** The same for what comes with a refusal: most often it is one commit. */
export const REFUSAL_BYTES = 64 * 1024;

/** What stands in the log for `commit`: revision (of the id `<revision>-0`), cursor, JSON. */
export function encodeEntry(commit: Commit): [revision: number, cursor: string, text: string] {
  return [revisionOf(commit.cursor), commit.cursor, encodeCommit(commit)];
}

/** What `read.lua` answered about `cursor`. Throws what `damaged` makes of an entry that is no commit. */
export function missedIn(reply: Reply, cursor: Cursor, damaged: (what: string) => Error): Missed {
  const [head, ...texts] = reply as string[];
  const commits: Commit[] = [];
  let before = cursor;
  for (const text of texts) {
    const commit = decodeEntry(text, damaged);
    // Another branch, or trimmed away: what follows here does not lead on from there.
    if (commit.prev !== before) break;
    commits.push(commit);
    before = commit.cursor;
  }
  return { head: head as Cursor, commits, found: cursor === head || commits.length > 0 };
}

/** The commit in the log's `text`; anybody may have written there, so it is checked as far as we rely on it. */
export function decodeEntry(text: string, damaged: (what: string) => Error): Commit {
  let commit: Commit;
  try {
    commit = decodeCommit(text);
  } catch (error) {
    throw damaged(`an entry of its log is not a commit: ${(error as Error).message}`);
  }
  const { cursor, prev, id, digest, committedAt } = commit;
  const fine =
    [cursor, prev].every((one) => typeof one === 'string' && parseCursor(one) !== undefined) &&
    [id, digest].every((one) => typeof one === 'string') &&
    typeof committedAt === 'number';
  if (!fine) throw damaged(`the entry ${JSON.stringify(cursor)} of its log is not a commit`);
  return commit;
}
