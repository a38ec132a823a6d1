import t from 'tap';
import { CommitList } from '../../web/past/commit-list.ts';

const cursorOf = (revision: number, nonce = '00000000') => `${revision}-${nonce}`;

function commit(revision: number, nonce?: string) {
  return {
    cursor: cursorOf(revision, nonce),
    revision,
    committedAt: new Date(revision * 1000).toISOString(),
    by: 'wall',
    origin: 'here',
    compositors: 0,
    tiles: 1,
  };
}

/** A daemon with commits `from` to `to`. */
function daemon(from: number, to: number, nonce?: string) {
  const there = { from, to, nonce, asked: 0 };
  const newestFirst = (above: number, below: number) =>
    Array.from({ length: Math.max(0, below - above) }, (_, i) => commit(below - 1 - i, there.nonce));
  return Object.assign(there, {
    history: async () => {
      there.asked += 1;
      return newestFirst(Math.max(there.from, there.to - 49), there.to + 1);
    },
    historyBefore: async (cursor: string) => {
      const below = Number.parseInt(cursor, 10);
      return newestFirst(Math.max(there.from, below - 100), below);
    },
  });
}

t.test('the list grows at both ends, without gaps', async (t) => {
  const source = daemon(1, 200);
  const list = new CommitList(source);
  t.ok(await list.refresh());
  t.equal(list.length, 50);
  source.to = 220;
  t.ok(await list.refresh());
  t.notOk(await list.refresh(), 'nothing new');
  t.equal(list.at(list.length - 1)?.revision, 220);
  t.equal(await list.loadOlder(), 100);
  t.equal(await list.loadOlder(), 50);
  t.equal(await list.loadOlder(), 0);
  t.strictSame([list.length, list.at(0)?.revision], [220, 1]);
  for (const [i, { revision }] of list.all.entries()) if (revision !== i + 1) t.fail(`${revision} at ${i}`);
});

t.test('moments are found by cursor and by time', async (t) => {
  const list = new CommitList(daemon(151, 200));
  await list.refresh();
  t.equal(list.indexOf(cursorOf(151)), 0);
  t.equal(list.indexOf(cursorOf(200)), 49);
  t.equal(list.indexOf(cursorOf(150)), -1);
  t.equal(list.indexOf(cursorOf(160, 'ffffffff')), -1, 'of another history');
  t.equal(list.indexAt(160_000), 9);
  t.equal(list.indexAt(160_999), 9);
  t.equal(list.indexAt(150_999), -1);
  t.equal(list.indexAt(Infinity), 49);
});

t.test('another history replaces all of the list, and what was trimmed leaves it', async (t) => {
  const source = daemon(151, 200);
  const list = new CommitList(source);
  await list.refresh();
  list.trim(cursorOf(190));
  t.strictSame([list.length, list.at(0)?.revision], [11, 190]);
  // As many commits, and none of them known.
  Object.assign(source, { from: 160, nonce: 'ffffffff' });
  t.ok(await list.refresh());
  t.strictSame([list.length, list.at(0)?.cursor], [41, cursorOf(160, 'ffffffff')]);
  t.equal(list.indexOf(cursorOf(195)), -1);
});
