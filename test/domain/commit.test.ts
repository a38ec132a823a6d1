import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decodeCommit, encodeCommit, type Commit } from '../../src/domain/commit.ts';
import { emptyPatch, type Patch } from '../../src/domain/patch.ts';
import {
  canonical,
  chains,
  compositors,
  hostileKey,
  hostileString,
  patches,
} from '../support/arbitraries.ts';
import { law } from './law.ts';

const head: Omit<Commit, 'patch' | 'undo'> = {
  ...{ cursor: '1-01234567', prev: '0-00000000', id: 'one', digest: '0-00000000' },
  ...{ committedAt: 1700000000123, by: 'wall', origin: 'here' },
};

law(t, 'a commit comes back from its line as it went in', [chains(hostileKey, 3)], ({ commits }) => {
  for (const commit of commits) {
    const line = encodeCommit(commit);
    const back = decodeCommit(line);
    // What is withdrawn is not named: it may be very much.
    const named = (patch: Patch): Patch =>
      commit.withdraws === undefined ? patch : { ...patch, tiles: new Map() };
    assert.equal(canonical(back.patch), canonical(named(commit.patch)));
    assert.equal(canonical(back.undo), canonical(named(commit.undo)));
    assert.deepEqual({ ...back, patch: 0, undo: 0 }, { ...commit, patch: 0, undo: 0 });
    assert.equal(encodeCommit(decodeCommit(encodeCommit(back))), encodeCommit(back));
    assert.ok(!/[\r\n]/.test(line), 'one line');
  }
});

law(
  t,
  'no field can forge another',
  [hostileString, hostileString, hostileString, patches()],
  (id, by, origin, patch) => {
    const commit: Commit = { ...head, id, by, origin, patch, undo: emptyPatch() };
    const back = decodeCommit(encodeCommit(commit));
    assert.deepEqual([back.id, back.by, back.origin], [id, by, origin]);
    assert.equal(canonical(back.patch), canonical(patch));
    assert.equal(canonical(back.undo), canonical(emptyPatch()));
  },
);

law(t, 'every shape of compositor survives', [fc.array(compositors(), { maxLength: 3 })], (entries) => {
  const patch = { ...emptyPatch(), compositors: new Map(entries.map((entry) => [entry.id, entry])) };
  const back = decodeCommit(encodeCommit({ ...head, patch, undo: patch }));
  assert.equal(canonical(back.patch), canonical(patch));
  assert.equal(canonical(back.undo), canonical(patch));
});

t.test('__proto__ goes in and comes out as a key', async (t) => {
  const tile = { brick: 'x', timestamp: 1, compositor: '__proto__' };
  const patch = { ...emptyPatch(), tiles: new Map([['__proto__', tile]]) };
  const back = decodeCommit(encodeCommit({ ...head, patch, undo: emptyPatch() }));
  t.strictSame([...back.patch.tiles], [['__proto__', tile]]);
  t.equal(Object.getPrototypeOf(back), Object.prototype);
});

t.test('text that no commit has is refused at once', async (t) => {
  const line = encodeCommit({ ...head, patch: emptyPatch(), undo: emptyPatch() });
  const broken = [
    '',
    '{}',
    'null',
    '[',
    line.slice(0, -1),
    line.slice(1),
    line.replace('"digest"', '\0digest"'),
  ];
  for (const text of broken) t.throws(() => decodeCommit(text), SyntaxError, JSON.stringify(text));
});

// The log of a daemon that started was decoded whole, 64 MiB of it, before it was ready.
t.test('a patch is decoded when it is needed', async (t) => {
  const tiles = new Map([['0,0', { brick: 'x', timestamp: 1, compositor: 'wall' }]]);
  const line = encodeCommit({ ...head, patch: { ...emptyPatch(), tiles }, undo: emptyPatch() });
  const back = decodeCommit(line.replace('"brick":', '"brick"'));
  t.equal(back.cursor, head.cursor);
  t.throws(() => back.patch, SyntaxError);
});
