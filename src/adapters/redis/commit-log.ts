import { decodeCommit, encodeCommit, type Commit } from '../../domain/commit.ts';
import { parseCursor, revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { Patch } from '../../domain/patch.ts';
import type { Missed } from '../../domain/store.ts';
import type { Keys } from './keys.ts';
import { readParts, type Parts } from './parts.ts';
import type { RedisConnection, Reply } from './redis-connection.ts';
import { damaged } from './redis-errors.ts';

/** About how many bytes of the log one answer holds; a reader that is further behind asks again. */
export const PAGE_BYTES = 1024 * 1024;
/** The same for what comes with a commit that lost the race: most often it missed one. */
export const MISSED_BYTES = 64 * 1024;

/** The entry of the log for `commit`: revision (of the id `<revision>-0`), cursor, JSON. With `parts`, its tiles are there. */
export function encodeEntry(commit: Commit, parts?: Parts): [revision: number, cursor: string, text: string] {
  const { cursor, patch, undo } = commit;
  const none: Patch['tiles'] = new Map();
  const small = { ...commit, patch: { ...patch, tiles: none }, undo: { ...undo, tiles: none }, parts };
  return [revisionOf(cursor), cursor, encodeCommit(parts ? small : commit)];
}

/** What `read.lua` answered about `cursor`. Throws an Error of one line for an entry that is no commit. */
export async function missedIn(
  reply: Reply,
  cursor: Cursor,
  connection: RedisConnection,
  keys: Keys,
): Promise<Missed> {
  const [head, ...texts] = reply as string[];
  const commits: Commit[] = [];
  let before = cursor;
  let bytes = 0;
  for (const text of texts) {
    const { commit, parts } = decodeEntry(text, connection.where);
    // Trimmed away, or of another branch: what follows here does not continue from there.
    if (commit.prev !== before) break;
    if (parts && !(await readParts(connection, keys, commit, parts))) break;
    commits.push(commit);
    before = commit.cursor;
    // The script counted the bytes of the entries only.
    bytes += parts?.size ?? 0;
    if (bytes > PAGE_BYTES) break;
  }
  return { head: head as Cursor, commits, found: cursor === head || commits.length > 0 };
}

/** The commit in an entry of the log. Others may have written it, so all that we rely on is checked. */
export function decodeEntry(text: string, where: string): { commit: Commit; parts: Parts | undefined } {
  let commit: Commit & { parts?: Parts };
  try {
    commit = decodeCommit(text);
  } catch (error) {
    throw damaged(where, `an entry of its log is not a commit: ${(error as Error).message}`);
  }
  const { parts, ...rest } = commit;
  const { cursor, prev, id, digest, committedAt } = rest;
  const fine =
    [cursor, prev].every((one) => typeof one === 'string' && parseCursor(one) !== undefined) &&
    [id, digest].every((one) => typeof one === 'string') &&
    typeof committedAt === 'number';
  if (!fine) throw damaged(where, `the entry ${JSON.stringify(cursor)} of its log is not a commit`);
  return { commit: parts ? rest : commit, parts };
}
