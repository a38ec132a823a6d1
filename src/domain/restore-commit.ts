import type { ArchiveHeader } from './archive.ts';
import type { Commit } from './commit.ts';
import { nextCursor } from './cursor.ts';
import { emptyPatch } from './patch.ts';

/**
 * What a restore adds to the log of an archive: a commit that changes nothing. A replica that remembers the head of the archive, and
 * what came after it, would otherwise take the restored store for one that has lost commits, and put them back.
 */
export function restoreCommit(
  { head, digest }: Pick<ArchiveHeader, 'head' | 'digest'>,
  { id, now }: { id: string; now: number },
): Commit {
  return {
    cursor: nextCursor(head, `${id} ${now}`),
    prev: head,
    id,
    patch: emptyPatch(),
    undo: emptyPatch(),
    digest,
    committedAt: now,
    by: 'daemon',
    origin: 'restore',
  };
}
