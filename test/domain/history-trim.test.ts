import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import type { Commit } from '../../src/domain/commit.ts';
import { History } from '../../src/domain/history.ts';
import { emptyManifest, emptyPatch } from '../../src/domain/patch.ts';
import { chainOf } from '../support/arbitraries.ts';

const { commits } = chainOf(emptyManifest(), Array.from({ length: 3000 }, emptyPatch));
const at = (revision: number) => commits[revision - 1]!.cursor;
const LATE = 1e9;

function full(keep: number): History {
  const history = new History({ commits: keep, seconds: 0, bytes: Infinity });
  for (const commit of commits) history.push(commit, 1);
  return history;
}

/** The revisions that `run` yields when the history is trimmed after the first step. */
function trimmedMeanwhile(history: History, run: Generator<Commit>): number[] {
  const seen: number[] = [];
  for (const commit of run) {
    seen.push(Number(commit.cursor.split('-')[0]));
    if (seen.length === 1) history.trim(LATE);
  }
  return seen;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

t.test('a large trim, cut off in bulk, moves nothing', async (t) => {
  for (const keep of [1, 900, 1975, 1976, 2999]) {
    const history = full(keep);
    t.equal(history.trim(LATE), 3000 - keep + 1);
    t.equal(history.length, keep);
    t.equal(history.bytes, keep);
    t.equal(history.base, at(3000 - keep));
    t.equal(history.head, at(3000));
    t.equal(history.last, commits[2999]);
    for (const revision of range(1, 3000)) {
      const expected = revision > 3000 - keep ? commits[revision - 1] : undefined;
      if (history.at(at(revision)) !== expected) t.fail(`revision ${revision} of the last ${keep}`);
    }
    t.equal([...history.between(history.base)].length, keep);
    t.equal([...history.newestFirst()].length, keep);
  }
});

t.test('sizes stay with their commits over many cuts', async (t) => {
  const history = new History({ commits: 700, seconds: 0, bytes: Infinity });
  const size = (i: number) => (i % 97) + 1;
  for (const [i, commit] of commits.entries()) {
    history.push(commit, size(i));
    history.trim(LATE);
    let held = 0;
    for (let j = Math.max(0, i - 699); j <= i; j++) held += size(j);
    if (history.bytes !== held) return t.equal(history.bytes, held, `after ${i + 1} commits`);
  }
  t.equal(
    history.written,
    commits.reduce((sum, _, i) => sum + size(i), 0),
    'what was ever pushed, trimmed or not',
  );
});

t.test('a reader in the middle of a run does not notice a trim behind it', async (t) => {
  for (const keep of [500, 1400, 2500]) {
    const first = 3000 - keep + 1;
    let history = full(keep);
    t.strictSame(trimmedMeanwhile(history, history.between(at(first - 1))), range(first, 3000));
    history = full(keep);
    t.strictSame(
      trimmedMeanwhile(history, history.between(at(first - 1), at(first + 99))),
      range(first, first + 99),
      'and stops where it was told to',
    );
    history = full(keep);
    t.strictSame(trimmedMeanwhile(history, history.newestFirst()), range(first, 3000).reverse());
  }
});

t.test('a run that is overtaken by a trim ends; it never jumps', async (t) => {
  const history = full(500);
  t.strictSame(trimmedMeanwhile(history, history.between(at(10))), [11]);
});

t.test('a run to the head ends at the head it was asked at', async (t) => {
  const history = new History({ commits: 10, seconds: 0, bytes: Infinity });
  for (const commit of commits.slice(0, 5)) history.push(commit, 1);
  const run = history.between(at(3));
  for (const commit of commits.slice(5, 8)) history.push(commit, 1);
  t.strictSame(
    [...run].map((commit) => commit.cursor),
    [at(4), at(5)],
  );
});

t.test('what is trimmed is let go at once, not at the next bulk cut', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const history = new History({ commits: 1, seconds: 0, bytes: Infinity });
  const old = (() => {
    const chain = chainOf(emptyManifest(), Array.from({ length: 10 }, emptyPatch));
    for (const commit of chain.commits) history.push(commit, 1);
    return chain.commits.slice(0, 9).map((commit) => new WeakRef(commit));
  })();
  history.trim(LATE);
  // A WeakRef keeps its target alive until the turn in which it was made or read is over.
  await setImmediate();
  collect();
  t.equal(old.filter((ref) => ref.deref() !== undefined).length, 0);
  t.equal(history.length, 1);
});

// A withdrawal counted for the store what it keeps in memory here: the next commit took it out of the log, and a replica that had
// not read it yet loaded all 1,000,000 tiles anew.
t.test('a withdrawal is dropped soon here, and kept as long as any other in the store', async (t) => {
  const history = new History({ commits: 0, seconds: 0, bytes: 100 });
  const heavy = Object.assign(new Map<string, null>(), { bytes: 1_000_000 });
  for (const [i, commit] of commits.slice(0, 12).entries())
    history.push(
      i === 5 ? { ...commit, withdraws: 'wall', undo: { ...commit.undo, tiles: heavy } } : commit,
      10,
    );
  t.equal(history.trim(-LATE), 3, 'ten of ten bytes');
  t.equal(history.base, at(6));
  t.equal(history.length, 6);
  t.equal(history.bytes, 60);
  t.strictSame([...history.between(at(6))], commits.slice(6, 12));
  for (const [i, commit] of commits.slice(12, 2000).entries()) {
    history.push(commit, 10);
    const kept = Math.max(3, i + 13 - 10 + 1);
    if (history.trim(-LATE) !== kept)
      t.fail(`after ${i + 13} it keeps from ${history.trim(-LATE)}, not ${kept}`);
  }
  t.equal(history.base, at(1990));
  t.strictSame([...history.between(at(1990))], commits.slice(1990, 2000));
  t.equal(history.trim(LATE), 2001, 'and what is old goes from both');
  t.equal(history.length, 0);
  t.equal(history.head, at(2000));
});
