import t from 'tap';
import { toneOf } from '../../web/panels/compositor-words.ts';
import { countsOf, orderOf, sharedNames } from '../../web/panels/list-order.ts';
import { rowAfter, windowOf } from '../../web/panels/list-window.ts';

const entry = (id: string, status: string, name = id) => ({ id, name, status });
const facts = (tiles: Record<string, number>, failing: string[] = []) => ({
  tilesOf: (id: string) => tiles[id] ?? 0,
  isFailing: (id: string) => failing.includes(id),
});

t.test('problems come first, then those with errors, then the others by tiles', async (t) => {
  // A stale one with many tiles stood above one that was lost.
  const all = [
    ...[entry('few', 'connected'), entry('many', 'registered'), entry('errors', 'connected')],
    ...[entry('lost', 'disconnected'), entry('old', 'stale'), entry('off', 'stopped')],
  ];
  const known = facts({ few: 1, many: 9, old: 5 }, ['errors']);
  t.strictSame(orderOf(all, known), ['lost', 'old', 'errors', 'many', 'few', 'off']);
  t.strictSame(orderOf(all, known, 'connected'), ['errors', 'few']);
  t.strictSame(orderOf([entry('b', 'stale'), entry('a', 'stale')], facts({})), ['a', 'b']);
});

t.test('counts by state, in one order; without those that nobody is in', async (t) => {
  const all = [entry('a', 'stopped'), entry('b', 'connected'), entry('c', 'stale'), entry('d', 'connected')];
  t.strictSame(countsOf([...all, entry('e', 'something-new')]), [
    ...[
      ['stale', 1],
      ['connected', 2],
      ['stopped', 1],
      ['something-new', 1],
    ],
  ]);
  t.strictSame(countsOf([]), []);
});

t.test('names that two have', async (t) => {
  const all = [entry('a', 'stale', 'Wall'), entry('b', 'stale', 'Wall'), entry('c', 'stale', 'Desk')];
  t.strictSame([...sharedNames(all)], ['Wall']);
});

t.test('of a long list only the rows in sight are made, and some around them', async (t) => {
  const list = { height: 480, rowHeight: 48, count: 10_000 };
  t.strictSame(windowOf({ ...list, scrollTop: 0 }), { first: 0, end: 16 });
  t.strictSame(windowOf({ ...list, scrollTop: 48_000 }), { first: 994, end: 1016 });
  t.strictSame(windowOf({ ...list, scrollTop: 1e9 }), { first: 10_000, end: 10_000 });
  t.strictSame(windowOf({ ...list, scrollTop: 0, count: 3 }), { first: 0, end: 3 });
});

t.test('keys lead from row to row, and not over the ends', async (t) => {
  const rows = { count: 100, page: 9 };
  t.equal(rowAfter('ArrowDown', 99, rows), 99);
  t.equal(rowAfter('ArrowUp', 5, rows), 4);
  t.equal(rowAfter('PageDown', 95, rows), 99);
  t.equal(rowAfter('PageUp', 5, rows), 0);
  t.equal(rowAfter('End', 5, rows), 99);
  t.equal(rowAfter('Home', 5, rows), 0);
  t.equal(rowAfter('a', 5, rows), undefined);
});

// The row of a lost compositor turned amber once its errors were known; its chip and its panel stayed red.
t.test('errors change the colour only of one that counts as connected', async (t) => {
  t.strictSame(
    ['connected', 'disconnected', 'stale', 'stopped'].map((status) => toneOf(status, true)),
    ['warn', 'bad', 'warn', 'calm'],
  );
});
