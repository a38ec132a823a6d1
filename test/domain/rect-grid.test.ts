import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { RectGrid } from '../../src/domain/rect-grid.ts';
import { RegionSet } from '../../src/domain/region-set.ts';
import { rectOfRegion, type Region } from '../../src/domain/region.ts';
import { cellOf } from '../../src/domain/tile.ts';
import { rectCovers, rectHas, rectsTouch } from '../../src/domain/view.ts';
import { cellKey, rect, region, regionId } from '../support/arbitraries.ts';
import { law } from './law.ts';

const rects = fc.array(rect, { maxLength: 12 });

law(
  t,
  'what touches a rectangle, and what has a cell, is found',
  [rects, rect, cellKey],
  (all, wanted, key) => {
    const grid = new RectGrid<number>();
    for (const [i, each] of all.entries()) grid.add(i, each);
    const touching = new Set(grid.touching(wanted));
    const at = new Set(grid.with([cellOf(key)]));
    for (const [i, each] of all.entries()) {
      assert.equal(touching.has(i), rectsTouch(each, wanted));
      assert.ok(at.has(i) || !rectHas(each, cellOf(key)));
    }
    assert.equal(new Set(grid.all()).size, all.length);
    for (const [i, each] of all.entries()) grid.delete(i, each);
    assert.deepEqual([...grid.all()], []);
  },
);

law(t, 'two rectangles touch when one has a cell of the other', [rect, rect, cellKey], (a, b, key) => {
  const cell = cellOf(key);
  if (rectHas(a, cell) && rectHas(b, cell)) assert.ok(rectsTouch(a, b));
  assert.equal(rectsTouch(a, b), rectsTouch(b, a));
  if (rectCovers(a, b)) assert.ok(rectsTouch(a, b));
  if (rectCovers(a, b) && rectHas(b, cell)) assert.ok(rectHas(a, cell));
  assert.ok(rectCovers(a, a));
});

const changes = fc.array(fc.tuple(regionId, fc.option(region)), { maxLength: 12 });

law(t, 'a set of regions finds what a search through all of it finds', [changes, rect], (run, wanted) => {
  const set = new RegionSet();
  const plain = new Map<string, Region>();
  for (const [id, each] of run) {
    assert.equal(set.set(id, each), plain.get(id));
    if (each) plain.set(id, each);
    else plain.delete(id);
    assert.equal(set.get(id), plain.get(id));
  }
  const sorted = (entries: Iterable<readonly [string, Region]>) =>
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.equal(set.size, plain.size);
  assert.deepEqual(sorted(set.in()), sorted(plain));
  assert.deepEqual(
    sorted(set.in(wanted)),
    sorted([...plain].filter(([, each]) => rectsTouch(wanted, rectOfRegion(each)))),
  );
});
