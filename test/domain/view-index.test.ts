import fc from 'fast-check';
import t from 'tap';
import type { Commit } from '../../src/domain/commit.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import { emptyPatch, isEmptyPatch, select } from '../../src/domain/patch.ts';
import type { Region } from '../../src/domain/region.ts';
import { INT32_MAX, INT32_MIN, type Tile } from '../../src/domain/tile.ts';
import { formatRect, rectHas, type Rect, type View } from '../../src/domain/view.ts';
import { ViewIndex } from '../../src/domain/view-index.ts';

const owner = fc.constantFrom('a', 'b', 'c');
const int = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.constantFrom(INT32_MIN, INT32_MAX, -1, 0));
const tile = owner.map((compositor): Tile => ({ brick: 'x', timestamp: 1, compositor }));
const rect = fc.tuple(int, int, int, int).map(([a, b, c, d]): Rect => ({
  x1: Math.min(a, c),
  y1: Math.min(b, d),
  x2: Math.max(a, c),
  y2: Math.max(b, d),
}));
const view: fc.Arbitrary<View> = fc
  .tuple(fc.option(rect), fc.option(fc.uniqueArray(owner, { minLength: 1 })))
  .map(([rect, ids]) => ({ ...(rect && { rect }), ...(ids && { compositors: new Set(ids) }) }));
const region = fc.tuple(rect, owner).map(([place, compositor]): Region => ({
  ...{ rect: formatRect(place), compositor, purpose: '', exclusive: true, ttl: 1, generation: 'g' },
}));
const regionChange = fc.record({ after: fc.option(region), before: fc.option(region) });
const change = fc.record({ key: fc.tuple(int, int), after: fc.option(tile), before: fc.option(tile) });

function commitOf(
  changes: { key: [number, number]; after: Tile | null; before: Tile | null }[],
  ids: string[],
  regions: { after: Region | null; before: Region | null }[] = [],
): Commit {
  const [patch, undo] = [emptyPatch(), emptyPatch()];
  for (const { key, after, before } of changes) {
    patch.tiles.set(key.join(','), after);
    undo.tiles.set(key.join(','), before);
  }
  for (const id of ids) patch.compositors.set(id, null);
  for (const [i, { after, before }] of regions.entries()) {
    patch.regions.set(`R${i}`, after);
    undo.regions.set(`R${i}`, before);
  }
  const rest = { id: 'x', digest: '0-00000000', committedAt: 0, by: 'a', origin: 'test' };
  return { cursor: GENESIS, prev: GENESIS, patch, undo, ...rest };
}

t.test('everybody who sees a commit is found', async () => {
  fc.assert(
    fc.property(
      fc.array(view, { maxLength: 12 }),
      fc.array(change, { maxLength: 6 }),
      fc.uniqueArray(owner),
      fc.array(regionChange, { maxLength: 2 }),
      (views, changes, ids, regions) => {
        const index = new ViewIndex<{ view: View }>();
        const watchers = views.map((view) => ({ view }));
        for (const watcher of watchers) index.add(watcher);
        const commit = commitOf(changes, ids, regions);
        const touched = index.touchedBy(commit);
        for (const watcher of watchers)
          if (!isEmptyPatch(select(commit.patch, commit.undo, watcher.view)) && !touched.has(watcher))
            return false;
        for (const watcher of watchers) index.delete(watcher);
        return index.touchedBy(commit).size === 0;
      },
    ),
    { numRuns: 2000 },
  );
});

t.test('those far away are not asked', async (t) => {
  const index = new ViewIndex<{ view: View }>();
  const far = { view: { rect: { x1: 1000, y1: 1000, x2: 1063, y2: 1063 } } };
  const farOfA = { view: { rect: { x1: 1000, y1: 1000, x2: 1063, y2: 1063 }, compositors: new Set(['a']) } };
  const ofB = { view: { compositors: new Set(['b']) } };
  for (const watcher of [far, farOfA, ofB]) index.add(watcher);
  const mine: Tile = { brick: 'x', timestamp: 1, compositor: 'a' };
  t.equal(index.touchedBy(commitOf([{ key: [0, 0], after: mine, before: null }], [])).size, 0);
  t.strictSame(
    index.touchedBy(commitOf([{ key: [1001, 1001], after: mine, before: null }], [])),
    new Set([far, farOfA]),
  );
});

// What went wrong: every view in the field of a change was prepared a frame for, and then sent nothing.
t.test('of those nearby only the ones that have the tile are found', async () => {
  fc.assert(
    fc.property(fc.array(rect, { maxLength: 20 }), int, int, (rects, x, y) => {
      const index = new ViewIndex<{ view: View }>();
      const viewers = rects.map((each) => ({ view: { rect: each } }));
      for (const viewer of viewers) index.add(viewer);
      const set = { brick: 'x', timestamp: 1, compositor: 'a' };
      const found = index.touchedBy(commitOf([{ key: [x, y], after: set, before: null }], []));
      return viewers.every((viewer) => found.has(viewer) === rectHas(viewer.view.rect, { x, y }));
    }),
  );
});

// What went wrong: all who see an owner were gone through again for each tile: 1,000 of them and a commit of 10,000 tiles took
// a second, in the turn of that commit.
t.test('who sees a commit is looked at once, however many tiles it sets', async (t) => {
  const index = new ViewIndex<{ view: View }>();
  let looked = 0;
  const view = { compositors: new Set(['a']) };
  for (let i = 0; i < 10; i++)
    index.add({
      get view() {
        looked += 1;
        return view;
      },
    });
  looked = 0;
  const tile = { brick: 'x', timestamp: 1, compositor: 'a' };
  const changes = Array.from({ length: 100 }, (_, x) => ({
    key: [x, 0] as [number, number],
    after: tile,
    before: tile,
  }));
  t.equal(index.touchedBy(commitOf(changes, [])).size, 10);
  t.equal(looked, 10);
});
