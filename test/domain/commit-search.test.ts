import assert from 'node:assert/strict';
import t from 'tap';
import { newestCommits } from '../../src/domain/commit-search.ts';
import { decodeCommit, encodeCommit } from '../../src/domain/commit.ts';
import type { Cursor } from '../../src/domain/cursor.ts';
import { History } from '../../src/domain/history.ts';
import { finish } from '../../src/domain/steps.ts';
import { chains, hostileKey } from '../support/arbitraries.ts';
import { law } from './law.ts';

const POLICY = { commits: 1e6, seconds: 1e6, bytes: 1e12 };

law(
  t,
  'a cell has the commits that name it, also those that nobody has decoded',
  [chains(hostileKey, 8)],
  ({ commits }) => {
    const history = new History(POLICY, commits[0]?.prev);
    for (const commit of commits) {
      // Of a withdrawal the line has not all.
      history.push(commit.withdraws === undefined ? decodeCommit(encodeCommit(commit)) : commit);
    }
    const cells = new Set(commits.flatMap(({ patch }) => [...patch.tiles.keys()]));
    for (const cell of cells) {
      const found = finish(newestCommits(history, { below: undefined, limit: 100, filter: { cell } }));
      const named = commits.filter(({ patch }) => patch.tiles.has(cell)).reverse();
      assert.deepEqual(
        found.map(({ cursor }) => cursor),
        named.map(({ cursor }) => cursor),
      );
    }
  },
);

t.test('a long history is looked through in steps', async (t) => {
  const history = new History(POLICY);
  const by = (n: number) => (n % 700 === 0 ? 'rare' : 'wall');
  let prev = history.head;
  for (let n = 1; n <= 2000; n++) {
    const cursor: Cursor = `${n}-00000000`;
    const patch = { compositors: new Map(), tiles: new Map(), regions: new Map() };
    history.push({
      cursor,
      prev,
      id: cursor,
      patch,
      undo: patch,
      digest: '0-00000000',
      committedAt: n,
      by: by(n),
      origin: 'here',
    });
    prev = cursor;
  }
  const search = newestCommits(history, { below: undefined, limit: 10, filter: { by: 'rare' } });
  let steps = 0;
  let step = search.next();
  for (; step.done !== true; step = search.next()) steps += 1;
  t.strictSame(
    step.value.map(({ cursor }) => cursor),
    ['1400-00000000', '700-00000000'],
  );
  t.ok(steps >= 3, `${steps} steps`);
});
