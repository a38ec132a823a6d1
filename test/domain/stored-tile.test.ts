import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Cursor } from '../../src/domain/cursor.ts';
import { decodeTile, withRevision } from '../../src/domain/stored-tile.ts';
import { tile } from '../support/arbitraries.ts';
import { law } from './law.ts';

const revision = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const none = new Map<string, Cursor>();

law(t, 'a tile comes back from its text, with a revision and without', [tile, revision], (value, n) => {
  const text = JSON.stringify(value);
  const plain = { ...value, timestamp: value.timestamp + 0 };
  assert.deepEqual(decodeTile(text, none), plain);
  assert.deepEqual(decodeTile(withRevision(text, n), none), plain);
});

law(t, 'it counts unless its owner was withdrawn after it', [tile, revision, revision], (value, n, since) => {
  const text = JSON.stringify(value);
  const withdrawn = new Map<string, Cursor>([[value.compositor, `${since}-0123abcd`]]);
  assert.equal(decodeTile(text, withdrawn), undefined);
  assert.equal(decodeTile(withRevision(text, n), withdrawn) !== undefined, n >= since);
  assert.ok(decodeTile(text, new Map<string, Cursor>([['another', `${since}-0123abcd`]])));
});

t.test('what is no tile is no tile', async (t) => {
  for (const text of ['', '{', 'null', '1', '"text"'])
    t.throws(() => decodeTile(text, none), SyntaxError, text);
});
