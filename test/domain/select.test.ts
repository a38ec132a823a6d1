import assert from 'node:assert/strict';
import t from 'tap';
import { emptyPatch, select, type Manifest, type Patch } from '../../src/domain/patch.ts';
import type { Tile } from '../../src/domain/tile.ts';
import { viewHasTile, WHOLE, type View } from '../../src/domain/view.ts';
import { applied, composed, inverse, selected } from '../support/algebra.ts';
import { manifests, patches, same, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

const part = (m: Manifest, p: Patch, v: View) => select(p, inverse(m, p), v);

law(t, 'a view of the whole map hides nothing', [manifests(), patches()], (m, p) => {
  same(selected(m, WHOLE), m);
  // What a removal removed was there: one of nothing has nothing to say.
  same(applied(m, part(m, p, WHOLE)), applied(m, p));
});

law(t, 'select commutes with apply', [manifests(), patches(), view], (m, p, v) => {
  same(applied(selected(m, v), part(m, p, v)), selected(applied(m, p), v));
});

law(t, 'what `selected` keeps is what the view has', [manifests(), view], (m, v) => {
  const seen = selected(m, v);
  for (const [key, tile] of m.tiles) assert.equal(seen.tiles.has(key), viewHasTile(v, key, tile));
  for (const id of m.compositors.keys())
    assert.equal(seen.compositors.has(id), v.compositors === undefined || v.compositors.has(id));
  same(selected(seen, v), seen);
});

law(t, 'a selection names nothing the view never had', [manifests(), patches(), view], (m, p, v) => {
  const seen = selected(m, v);
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
    const seen = selected(m, v);
    const selections = composed(part(m, p, v), part(applied(m, p), q, v));
    same(applied(seen, part(m, composed(p, q), v)), applied(seen, selections));
    for (const key of part(m, composed(p, q), v).tiles.keys()) assert.ok(selections.tiles.has(key));
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
    t.strictSame(select(patch, undo, mine).tiles.get('0,0'), expected, name);
  }
});
