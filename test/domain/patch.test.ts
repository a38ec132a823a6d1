import assert from 'node:assert/strict';
import t from 'tap';
import {
  apply,
  compose,
  composeInto,
  copyManifest,
  diff,
  emptyManifest,
  emptyPatch,
  invert,
  isEmptyPatch,
  patchSize,
  type Manifest,
  type Patch,
} from '../../src/domain/patch.ts';
import { canonical, manifests, patches } from '../support/arbitraries.ts';
import { law } from './law.ts';

const applied = (manifest: Manifest, ...run: Patch[]) => run.reduce(apply, copyManifest(manifest));
const same = (a: Manifest | Patch, b: Manifest | Patch) => assert.equal(canonical(a), canonical(b));

law(t, 'apply: named entries take the value, all others stay', [manifests(), patches()], (m, p) => {
  const after = applied(m, p);
  for (const part of ['compositors', 'tiles'] as const) {
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
  same(applied(m, p, q), applied(m, compose(p, q)));
});

law(t, 'compose is associative', [patches(), patches(), patches()], (p, q, r) => {
  same(compose(compose(p, q), r), compose(p, compose(q, r)));
});

law(t, 'compose names what either names, each once, and changes neither', [patches(), patches()], (p, q) => {
  const [before, after] = [canonical(p), canonical(q)];
  const both = compose(p, q);
  for (const part of ['compositors', 'tiles'] as const)
    assert.deepEqual(new Set(both[part].keys()), new Set([...p[part].keys(), ...q[part].keys()]));
  assert.deepEqual([canonical(p), canonical(q)], [before, after]);
});

law(t, 'the empty patch is neutral', [manifests(), patches()], (m, p) => {
  same(applied(m, emptyPatch()), m);
  same(compose(p, emptyPatch()), p);
  same(compose(emptyPatch(), p), p);
});

law(t, 'composeInto is compose, in place', [patches(), patches()], (p, q) => {
  const expected = compose(p, q);
  const into = compose(p, emptyPatch());
  assert.equal(composeInto(into, q), into);
  same(into, expected);
});

law(t, 'invert leads back', [manifests(), patches()], (m, p) => {
  same(applied(m, p, invert(m, p)), m);
});

law(t, 'invert names exactly what the patch names', [manifests(), patches()], (m, p) => {
  const undo = invert(m, p);
  assert.deepEqual([...undo.compositors.keys()], [...p.compositors.keys()]);
  assert.deepEqual([...undo.tiles.keys()], [...p.tiles.keys()]);
});

law(
  t,
  'the inverse of a composition is the composition of the inverses, newest first',
  [manifests(), patches(), patches()],
  (m, p, q) => same(invert(m, compose(p, q)), compose(invert(applied(m, p), q), invert(m, p))),
);

law(t, 'diff leads from a to b', [manifests(), manifests()], (a, b) => same(applied(a, diff(a, b)), b));

law(t, 'diff names no entry that is equal in both', [manifests(), patches()], (a, p) => {
  const b = applied(a, p);
  const change = diff(a, b);
  for (const part of ['compositors', 'tiles'] as const)
    for (const [key, value] of change[part])
      assert.notEqual(JSON.stringify(a[part].get(key)), JSON.stringify(value ?? undefined), key);
  assert.ok(isEmptyPatch(diff(a, structuredClone(a))), 'equal by value, not by reference');
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
  assert.equal(patchSize(p), [...p.compositors.keys()].length + [...p.tiles.keys()].length);
  assert.equal(isEmptyPatch(p), patchSize(p) === 0);
});

t.test('__proto__ is a key like any other', async (t) => {
  const brick = { brick: 'x', timestamp: 1, compositor: 'a' };
  const manifest = apply(emptyManifest(), { compositors: new Map(), tiles: new Map([['__proto__', brick]]) });
  t.equal(manifest.tiles.get('__proto__'), brick);
  t.equal(({} as Record<string, unknown>)['brick'], undefined);
  t.strictSame([...diff(manifest, emptyManifest()).tiles], [['__proto__', null]]);
});
