import assert from 'node:assert/strict';
import t from 'tap';
import {
  apply,
  compose,
  copyManifest,
  emptyPatch,
  invert,
  selectManifest,
  selectPatch,
  type Manifest,
  type Patch,
} from '../../src/domain/patch.ts';
import type { Tile } from '../../src/domain/tile.ts';
import { viewHasTile, WHOLE, type View } from '../../src/domain/view.ts';
import { canonical, manifests, patches, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

const applied = (manifest: Manifest, ...run: Patch[]) => run.reduce(apply, copyManifest(manifest));
const same = (a: Manifest | Patch, b: Manifest | Patch) => assert.equal(canonical(a), canonical(b));
const part = (m: Manifest, p: Patch, v: View) => selectPatch(p, invert(m, p), v);

law(t, 'a view of the whole map hides nothing', [manifests(), patches()], (m, p) => {
  same(selectManifest(m, WHOLE), m);
  // What a removal removed was there: one of nothing has nothing to say.
  same(applied(m, part(m, p, WHOLE)), applied(m, p));
});

law(t, 'select commutes with apply', [manifests(), patches(), view], (m, p, v) => {
  same(applied(selectManifest(m, v), part(m, p, v)), selectManifest(applied(m, p), v));
});

law(t, 'what selectManifest keeps is what the view has', [manifests(), view], (m, v) => {
  const seen = selectManifest(m, v);
  for (const [key, tile] of m.tiles) assert.equal(seen.tiles.has(key), viewHasTile(v, key, tile));
  for (const id of m.compositors.keys())
    assert.equal(seen.compositors.has(id), v.compositors === undefined || v.compositors.has(id));
  same(selectManifest(seen, v), seen);
});

law(t, 'a selection names nothing the view never had', [manifests(), patches(), view], (m, p, v) => {
  const seen = selectManifest(m, v);
  for (const [key, tile] of part(m, p, v).tiles) {
    assert.ok(p.tiles.has(key));
    if (tile === null) assert.ok(seen.tiles.has(key), `${key} is removed but was never shown`);
    else assert.ok(viewHasTile(v, key, tile));
  }
});

law(
  t,
  'selections composed do what the composition selected does',
  [manifests(), patches(), patches(), view],
  (m, p, q, v) => {
    const seen = selectManifest(m, v);
    const selections = compose(part(m, p, v), part(applied(m, p), q, v));
    same(applied(seen, part(m, compose(p, q), v)), applied(seen, selections));
    for (const key of part(m, compose(p, q), v).tiles.keys()) assert.ok(selections.tiles.has(key));
  },
);

t.test('one tile changes hands', async (t) => {
  const by = (compositor: string): Tile => ({ brick: 'x', timestamp: 1, compositor });
  const mine: View = { compositors: new Set(['a']) };
  const cases: [string, Tile | null, Tile | null, Tile | null | undefined][] = [
    ['a newcomer outside the view', null, by('b'), undefined],
    ['a newcomer inside', null, by('a'), by('a')],
    ['taken over by an owner outside', by('a'), by('b'), null],
    ['taken over by an owner inside', by('b'), by('a'), by('a')],
    ['from one outside to another', by('b'), by('c'), undefined],
    ['removed inside', by('a'), null, null],
    ['removed outside', by('b'), null, undefined],
    ['removed where nothing was', null, null, undefined],
  ];
  for (const [name, before, after, expected] of cases) {
    const patch = { ...emptyPatch(), tiles: new Map([['0,0', after]]) };
    const undo = { ...emptyPatch(), tiles: new Map([['0,0', before]]) };
    t.strictSame(selectPatch(patch, undo, mine).tiles.get('0,0'), expected, name);
  }
});
