import t from 'tap';
import { pastOf } from '../../web/panels/cell-past.ts';
import { commitsUpTo } from '../../web/panels/commits-up-to.ts';
import type { CellCommit } from '../../web/panels/details-api.ts';

const tile = (compositor: string, brick: string) => ({ brick, compositor, timestamp: 1 });
const commit = (revision: number, to: CellCommit['tile'], before: CellCommit['tile']): CellCommit => ({
  ...{
    cursor: `${revision}-00000000`,
    revision,
    committedAt: '2026-01-01T00:00:00.000Z',
    by: 'x',
    origin: 'o',
  },
  ...{ compositors: 0, tiles: 1, tile: to, before },
});

t.test(
  'the newest commit set the tile; its owner has had the cell since the last change of owner',
  async (t) => {
    const [a, b, c] = [tile('wall', 'a'), tile('desk', 'b'), tile('desk', 'c')];
    const commits = [commit(9, c, b), commit(5, b, a), commit(3, a, null)];
    t.match(pastOf(c, commits), { kind: 'known', setBy: { revision: 9 }, ownedSince: { revision: 5 } });
    const gone = [commit(9, c, null), commit(7, null, b), commit(5, b, a)];
    t.match(pastOf(c, gone), { kind: 'known', ownedSince: { revision: 9 } }, 'it lost the cell in between');
  },
);

t.test('a history that was trimmed says so', async (t) => {
  const [b, c] = [tile('desk', 'b'), tile('desk', 'c')];
  t.match(pastOf(c, []), { kind: 'older' });
  t.match(pastOf(c, [commit(9, c, b)]), { kind: 'known', setBy: { revision: 9 }, ownedSince: undefined });
});

t.test('commits that do not lead to the tile say nothing of it', async (t) => {
  const [b, c] = [tile('desk', 'b'), tile('desk', 'c')];
  t.match(pastOf(c, undefined), { kind: 'unknown' });
  t.match(pastOf(c, [commit(5, b, null)]), { kind: 'unknown' });
});

t.test('of a moment of the past, the commits up to it, however many came since', async (t) => {
  const page = (items: CellCommit[], next: string | null) => ({ items, next });
  const [late, own, early] = [commit(9, null, null), commit(5, null, null), commit(3, null, null)];
  const reads: (string | undefined)[] = [];
  const read = (first: ReturnType<typeof page>) => async (before?: string) => {
    reads.push(before);
    return before === undefined ? first : page([early], null);
  };
  t.match(await commitsUpTo(undefined, read(page([late, own], null))), { items: [late, own] });
  t.strictSame(await commitsUpTo('5-00000000', read(page([late, own], null))), {
    ...page([own], null),
    after: '9-00000000',
  });
  t.strictSame(reads, [undefined, undefined]);
});

// The commit of the moment itself was left out when more than a page had come since.
t.test('the moment is looked for over pages, ten at most', async (t) => {
  const reads: (string | undefined)[] = [];
  /** A page a commit, from revision 30 on. */
  const read = async (before?: string) => {
    reads.push(before);
    const revision = before === undefined ? 30 : Number.parseInt(before, 10) - 1;
    const only = commit(revision, null, null);
    return { items: [only], next: only.cursor };
  };
  t.match(await commitsUpTo(commit(27, null, null).cursor, read), {
    items: [{ revision: 27 }],
    after: commit(28, null, null).cursor,
  });
  t.equal(reads.length, 4);
  const long = commit(3, null, null).cursor;
  t.match(await commitsUpTo(long, read), { items: [{ revision: 2 }], after: long });
  t.equal(reads.length, 4 + 11);
});
