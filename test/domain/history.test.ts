import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { encodeCommit, type Commit } from '../../src/domain/commit.ts';
import { GENESIS, revisionOf, type Cursor } from '../../src/domain/cursor.ts';
import { composeVisible, History } from '../../src/domain/history.ts';
import {
  apply,
  copyManifest,
  emptyManifest,
  emptyPatch,
  type Manifest,
  type Patch,
} from '../../src/domain/patch.ts';
import { selected } from '../support/algebra.ts';
import { canonical, chainOf, chains, view, type Chain } from '../support/arbitraries.ts';
import { law } from './law.ts';

const ENDLESS = { commits: Infinity, seconds: Infinity, bytes: Infinity };
const same = (a: Manifest | Patch, b: Manifest | Patch) => assert.equal(canonical(a), canonical(b));
const cursors = (commits: Iterable<Commit>) => [...commits].map((commit) => commit.cursor);

function historyOf({ commits, base }: Chain, policy = ENDLESS, size?: number): History {
  const history = new History(policy, base);
  for (const commit of commits) history.push(commit, size);
  return history;
}

/** `n` commits without content, one second apart. */
const emptyChain = (n: number) => chainOf(emptyManifest(), Array.from({ length: n }, emptyPatch));

law(t, 'undoTo leads from the head to each state there was', [chains()], (chain) => {
  const { states, base } = chain;
  const history = historyOf(chain);
  for (const [i, cursor] of [base, ...cursors(chain.commits)].entries())
    same(apply(copyManifest(states.at(-1)!), history.undoTo(cursor)), states[i]!);
});

law(t, 'changes lead a view from each state to each later one', [chains(), view], (chain, v) => {
  const history = historyOf(chain);
  const all = [chain.base, ...cursors(chain.commits)];
  for (const [i, from] of all.entries()) {
    for (const [j, to] of all.entries()) {
      if (j < i) continue;
      const seen = selected(chain.states[i]!, v);
      same(apply(seen, history.changes(from, v, to)), selected(chain.states[j]!, v));
    }
    same(history.changes(from, v), composeVisible(chain.commits.slice(i), v));
  }
});

interface Kept {
  commit: Commit;
  size: number;
}

/** The policy as its docstring says it, by looking at every commit. */
function keeps(kept: Kept[], policy: typeof ENDLESS, now: number): Kept[] {
  let rest = kept;
  while (rest.length > 0) {
    const held = rest.reduce((sum, { size }) => sum + size, 0);
    const young = rest[0]!.commit.committedAt >= now - policy.seconds * 1000;
    if ((young || rest.length <= policy.commits) && (held <= policy.bytes || rest.length === 1)) break;
    rest = rest.slice(1);
  }
  return rest;
}

const policy = fc.record({
  commits: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(Infinity)),
  seconds: fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constant(Infinity)),
  bytes: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(Infinity)),
});
const sizes = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 20 }), fc.option(fc.integer({ min: 0, max: 30_000 }))),
  {
    maxLength: 20,
  },
);

law(t, 'holds what a plain list trimmed by the policy would hold', [policy, sizes], (limits, run) => {
  const chain = emptyChain(run.length);
  const history = new History(limits);
  const all: Cursor[] = [GENESIS];
  let kept: Kept[] = [];
  for (const [i, [size, now]] of run.entries()) {
    const commit = chain.commits[i]!;
    history.push(commit, size);
    kept.push({ commit, size });
    all.push(commit.cursor);
    if (now !== null) {
      kept = keeps(kept, limits, now);
      assert.equal(history.trim(now), revisionOf(commit.cursor) - kept.length + 1);
    }
    const positions = all.slice(-kept.length - 1);
    const held = positions.slice(1);
    assert.equal(history.base, positions[0]);
    assert.equal(history.head, all.at(-1));
    assert.equal(history.length, kept.length);
    assert.equal(history.last, kept.at(-1)?.commit);
    assert.equal(
      history.bytes,
      kept.reduce((sum, entry) => sum + entry.size, 0),
    );
    for (const cursor of all) {
      assert.equal(history.has(cursor), positions.includes(cursor));
      assert.equal(history.at(cursor)?.cursor, held.includes(cursor) ? cursor : undefined);
      assert.equal(
        history.atRevision(revisionOf(cursor))?.cursor,
        held.includes(cursor) ? cursor : undefined,
      );
    }
    for (const from of positions)
      assert.deepEqual(cursors(history.between(from)), held.slice(positions.indexOf(from)));
    assert.deepEqual(cursors(history.newestFirst()), [...held].reverse());
  }
});

// FAILURES 2.
t.test('just before the first, at it, and at the last', async (t) => {
  const { commits } = emptyChain(100);
  const history = new History({ commits: 20, seconds: 0, bytes: Infinity });
  for (const commit of commits) history.push(commit);
  t.equal(history.trim(1e9), 81);
  const at = (revision: number) => commits[revision - 1]!.cursor;
  t.equal(history.base, at(80));
  t.equal(history.has(at(79)), false, 'too old');
  t.equal(history.has(at(10)), false);
  t.equal(history.has(at(80)), true, 'the base: nothing after it is missing');
  t.equal(history.at(at(80)), undefined, 'but its own commit is gone');
  t.strictSame(cursors(history.between(at(80))), cursors(commits.slice(80)));
  t.equal(history.at(at(81)), commits[80]);
  t.strictSame(cursors(history.between(at(81))), cursors(commits.slice(81)));
  t.strictSame(cursors(history.between(at(100))), []);
  t.strictSame(cursors(history.between(at(90), at(92))), [at(91), at(92)]);
  t.strictSame(cursors(history.between(at(90), at(90))), []);
  t.strictSame(cursors(history.newestFirst(83)), [at(82), at(81)], 'a page of history, below is left out');
  t.strictSame(cursors(history.newestFirst(81)), []);
});

t.test('a cursor of another history is no position, whatever its revision', async (t) => {
  const history = historyOf(emptyChain(5));
  for (const revision of [0, 1, 5, 6, 999, Number.MAX_SAFE_INTEGER]) {
    t.equal(history.has(`${revision}-ffffffff`), false);
    t.equal(history.at(`${revision}-ffffffff`), undefined);
  }
  for (const revision of [-1, 0, 6, 0.5, NaN]) t.equal(history.atRevision(revision), undefined);
});

t.test('only what follows the head is taken', async (t) => {
  const { commits } = emptyChain(3);
  const history = new History(ENDLESS);
  t.throws(() => history.push(commits[1]!), /not 0-00000000/);
  history.push(commits[0]!);
  t.throws(() => history.push(commits[0]!));
  t.throws(() => history.push(commits[2]!));
  t.equal(history.length, 1);
  t.equal(history.bytes, encodeCommit(commits[0]!).length);
});

t.test('an empty one starts where it is told', async (t) => {
  const history = new History(ENDLESS, '7-01234567');
  t.equal(history.head, '7-01234567');
  t.equal(history.base, '7-01234567');
  t.equal(history.last, undefined);
  t.equal(history.trim(0), 8);
  t.ok(history.has('7-01234567'));
  t.strictSame([...history.between('7-01234567'), ...history.newestFirst()], []);
  t.strictSame(history.undoTo('7-01234567').tiles.size, 0);
});

t.test('each limit on its own', async (t) => {
  const chain = emptyChain(10); // committed at 0, 1000, ..., 9000
  const trimmed = (limits: Partial<typeof ENDLESS>, now: number) => {
    const history = historyOf(chain, { commits: 1, seconds: 0, bytes: Infinity, ...limits }, 10);
    history.trim(now);
    return history.length;
  };
  t.equal(trimmed({ commits: 4 }, 1e6), 4);
  t.equal(trimmed({ commits: 40 }, 1e6), 10);
  t.equal(trimmed({ seconds: 3 }, 9000), 4, 'those at 6000 to 9000: exactly 3 s old is young enough');
  t.equal(trimmed({ seconds: 3 }, 9001), 3);
  t.equal(trimmed({ commits: 6, seconds: 3 }, 9000), 6, 'whichever is more');
  t.equal(trimmed({ commits: 2, seconds: 3 }, 9000), 4, 'whichever is more');
  t.equal(trimmed({ commits: 6, seconds: 6, bytes: 50 }, 9000), 5, 'but never more than the bytes');
  t.equal(trimmed({ commits: 10, bytes: 49 }, 9000), 4);
  t.equal(trimmed({ commits: 10, bytes: 5 }, 9000), 1, 'the newest stays, however large');
});

t.test('a size is in bytes, not in characters', async (t) => {
  const tile = { brick: '€'.repeat(100), timestamp: 1, compositor: 'a' };
  const chain = chainOf(emptyManifest(), [{ ...emptyPatch(), tiles: new Map([['0,0', tile]]) }]);
  t.equal(historyOf(chain).bytes, Buffer.byteLength(encodeCommit(chain.commits[0]!)));
});

t.test('newestOf finds the newest commit of one compositor after a cursor', async (t) => {
  const { commits, base } = emptyChain(4);
  const chain = commits.map((commit, i) => ({ ...commit, by: ['wall', 'door', 'wall', 'roof'][i]! }));
  const history = historyOf({ ...emptyChain(4), base, commits: chain });
  const [first, second, third, last] = cursors(chain) as [Cursor, Cursor, Cursor, Cursor];
  t.equal(history.newestOf('wall', base), third);
  t.equal(history.newestOf('wall', second), third);
  t.equal(history.newestOf('wall', third), undefined);
  t.equal(history.newestOf('door', base), second);
  t.equal(history.newestOf('door', second), undefined);
  t.equal(history.newestOf('roof', first), last);
  t.equal(history.newestOf('roof', last), undefined);
  t.equal(history.newestOf('wall', '9-00000000'), undefined, 'a cursor of another history');
});
