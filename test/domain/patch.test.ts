import assert from 'node:assert/strict';
import t from 'tap';
import {
  apply,
  compose,
  copyManifest,
  diff,
  emptyManifest,
  emptyPatch,
  isEmptyPatch,
  patchOf,
  patchSize,
} from '../../src/domain/patch.ts';
import { applied, composed, difference, inverse, readerOf } from '../support/algebra.ts';
import { canonical, manifests, patches, same } from '../support/arbitraries.ts';
import { law } from './law.ts';

const PARTS = ['compositors', 'tiles', 'regions'] as const;

law(t, 'apply: named entries take the value, all others stay', [manifests(), patches()], (m, p) => {
  const after = applied(m, p);
  for (const part of PARTS) {
    for (const key of new Set([...m[part].keys(), ...p[part].keys()])) {
      const expected = p[part].has(key) ? (p[part].get(key) ?? undefined) : m[part].get(key);
      assert.equal(after[part].get(key), expected);
      assert.equal(after[part].has(key), expected !== undefined);
    }
    for (const key of after[part].keys()) assert.ok(m[part].has(key) || p[part].has(key));
  }
});

law(t, 'apply works in place and returns the manifest', [manifests(), patches()], (m, p) => {
  assert.equal(apply(m, p), m);
});

law(t, 'applying a patch twice is applying it once', [manifests(), patches()], (m, p) => {
  same(applied(m, p, p), applied(m, p));
});

law(t, 'compose: p then q is compose(p, q)', [manifests(), patches(), patches()], (m, p, q) => {
  same(applied(m, p, q), applied(m, composed(p, q)));
});

law(t, 'compose is associative', [patches(), patches(), patches()], (p, q, r) => {
  same(composed(composed(p, q), r), composed(p, composed(q, r)));
});

law(t, 'compose names what either names, each once, and changes neither', [patches(), patches()], (p, q) => {
  const [before, after] = [canonical(p), canonical(q)];
  const both = composed(p, q);
  for (const part of PARTS)
    assert.deepEqual(new Set(both[part].keys()), new Set([...p[part].keys(), ...q[part].keys()]));
  assert.deepEqual([canonical(p), canonical(q)], [before, after]);
});

law(t, 'the empty patch is neutral', [manifests(), patches()], (m, p) => {
  same(applied(m, emptyPatch()), m);
  same(composed(p, emptyPatch()), p);
  same(composed(emptyPatch(), p), p);
});

law(t, 'compose works in place and returns the patch', [patches()], (p) => {
  const made = emptyPatch();
  assert.equal(compose(made, p), made);
});

law(t, 'invert leads back', [manifests(), patches()], (m, p) => {
  same(applied(m, p, inverse(m, p)), m);
});

law(t, 'invert names exactly what the patch names', [manifests(), patches()], (m, p) => {
  const undo = inverse(m, p);
  for (const part of PARTS) assert.deepEqual([...undo[part].keys()], [...p[part].keys()]);
});

law(
  t,
  'the inverse of a composition is the composition of the inverses, newest first',
  [manifests(), patches(), patches()],
  (m, p, q) => same(inverse(m, composed(p, q)), composed(inverse(applied(m, p), q), inverse(m, p))),
);

law(t, 'diff leads from a to b', [manifests(), manifests()], (a, b) => {
  same(applied(a, difference(a, b)), b);
});

law(t, 'diff leads to where the patch leads', [manifests(), patches()], (m, p) => {
  same(applied(m, diff(readerOf(m), p)), applied(m, p));
});

law(t, 'diff names no entry that is equal in both', [manifests(), patches()], (a, p) => {
  const change = diff(readerOf(a), p);
  for (const part of PARTS)
    for (const [key, value] of change[part])
      assert.notEqual(JSON.stringify(a[part].get(key)), JSON.stringify(value ?? undefined), key);
  assert.ok(isEmptyPatch(diff(readerOf(a), structuredClone(a))), 'equal by value, not by reference');
  assert.ok(patchSize(change) <= patchSize(p));
});

law(t, 'a copy is equal and independent', [manifests(), patches()], (m, p) => {
  const before = canonical(m);
  const copy = copyManifest(m);
  same(copy, m);
  apply(copy, p);
  assert.equal(canonical(m), before);
});

law(t, 'patchSize counts entries, isEmptyPatch means none', [patches()], (p) => {
  assert.equal(patchSize(p), PARTS.flatMap((part) => [...p[part].keys()]).length);
  assert.equal(isEmptyPatch(p), patchSize(p) === 0);
});

t.test('__proto__ is a key like any other', async (t) => {
  const brick = { brick: 'x', timestamp: 1, compositor: 'a' };
  const manifest = apply(emptyManifest(), patchOf({ tiles: new Map([['__proto__', brick]]) }));
  t.equal(manifest.tiles.get('__proto__'), brick);
  t.equal(({} as Record<string, unknown>)['brick'], undefined);
  t.strictSame([...difference(manifest, emptyManifest()).tiles], [['__proto__', null]]);
});
