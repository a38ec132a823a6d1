import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { areaNameOf, areaOf, areasOf, type Area } from '../../src/domain/area.ts';
import { AreaTree } from '../../src/domain/area-tree.ts';
import { composeVisible } from '../../src/domain/history.ts';
import { areaChanges } from '../../src/domain/overview.ts';
import { patchOf, type Manifest } from '../../src/domain/patch.ts';
import { finish } from '../../src/domain/steps.ts';
import { squareOf } from '../../src/domain/square.ts';
import { cellOf } from '../../src/domain/tile.ts';
import { overviewOf, rectHas, type View } from '../../src/domain/view.ts';
import { selected } from '../support/algebra.ts';
import { cellKey, chainOf, change, manifests, tile, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

const zoom = fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 16), fc.integer({ min: 1, max: 16 }));
const overview = fc.tuple(view, zoom).map(([v, k]) => overviewOf(v, k));

/** Many tiles close to each other, so that nodes divide and join: an entry a cell, or none. */
const crowded = fc
  .array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -3, max: 20 }), fc.option(tile)), {
    minLength: 100,
    maxLength: 500,
  })
  .map((cells) => patchOf({ tiles: new Map(cells.map(([x, y, each]) => [`${x},${y}`, each])) }));
const run = fc.array(fc.oneof(crowded, change(cellKey)), { maxLength: 8 });

function plainAreas(manifest: Manifest, v: View): Map<string, Area> {
  return areasOf(selected(manifest, v).tiles, v.zoom!);
}

function present<T>(values: Iterable<T | undefined>): T[] {
  return [...values].filter((value) => value !== undefined);
}

function canonical(areas: Iterable<readonly [string, Area] | undefined>): string {
  return JSON.stringify(present(areas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function treeOf(manifest: Manifest): AreaTree {
  const tree = new AreaTree();
  const tiles = [...manifest.tiles];
  for (const square of new Set(tiles.map(([key]) => squareOf(cellOf(key)))))
    tree.add(
      tiles.filter(([key]) => squareOf(cellOf(key)) === square),
      5,
    );
  return tree;
}

function agrees(tree: AreaTree, manifest: Manifest, v: View): void {
  const plain = plainAreas(manifest, v);
  assert.equal(canonical(tree.areasIn(v)), canonical(plain));
  for (const [name, area] of plain) assert.equal(JSON.stringify(tree.area(name, v)), JSON.stringify(area));
  assert.equal(tree.area('12345,12345', v), plain.get('12345,12345'));
}

law(
  t,
  'an area has its tiles, its largest owners and the newest timestamp',
  [manifests(cellKey), zoom],
  (m, k) => {
    for (const [name, area] of areasOf(m.tiles, k)) {
      const { x, y } = cellOf(name);
      const first = { x: x * 2 ** k, y: y * 2 ** k };
      const rect = { x1: first.x, y1: first.y, x2: first.x + 2 ** k - 1, y2: first.y + 2 ** k - 1 };
      const inside = [...m.tiles].filter(([key]) => rectHas(rect, cellOf(key)));
      assert.equal(area.tiles, inside.length);
      assert.equal(area.timestamp, Math.max(...inside.map(([, { timestamp }]) => timestamp)));
      for (const [owner, tiles] of area.owners)
        assert.equal(inside.filter(([, { compositor }]) => compositor === owner).length, tiles);
    }
  },
);

t.test('four owners are named, of equal ones the lesser id', async (t) => {
  const share = (owner: string, tiles: number) => ({ owner, tiles, newest: tiles });
  const area = areaOf([
    share('d', 1),
    share('b', 2),
    share('e', 2),
    share('a', 1),
    share('f', 9),
    share('c', 1),
  ]);
  t.strictSame(area, {
    tiles: 16,
    owners: [
      ['f', 9],
      ['b', 2],
      ['e', 2],
      ['a', 1],
    ],
    timestamp: 9,
  });
  t.equal(areaOf([]), undefined);
});

law(
  t,
  'the tree knows what the definition says, after every commit',
  [manifests(cellKey), run, overview],
  (start, changes, v) => {
    const { commits, states } = chainOf(start, changes);
    const tree = treeOf(start);
    agrees(tree, start, v);
    for (const [i, commit] of commits.entries()) {
      if (commit.withdraws === undefined) tree.apply(commit.patch, commit.undo);
      else tree.withdraw(commit.withdraws);
      agrees(tree, states[i + 1]!, v);
    }
    finish(tree.sweep());
    agrees(tree, states.at(-1)!, v);
  },
);

law(
  t,
  'areas(apply(m, p)) is apply(areas(m), select(p))',
  [manifests(cellKey), run, overview],
  (start, changes, v) => {
    const { commits, states } = chainOf(start, changes);
    const tree = treeOf(start);
    const areas = plainAreas(start, v);
    for (const [i, commit] of commits.entries()) {
      tree.apply(commit.patch, commit.undo);
      for (const [name, area] of areaChanges(composeVisible([commit], v), v, tree).tiles)
        if (area) areas.set(name, area as Area);
        else areas.delete(name);
      assert.equal(canonical(areas), canonical(plainAreas(states[i + 1]!, v)));
    }
  },
);

law(
  t,
  'a sweep between whose steps commits come leaves all as it is',
  [manifests(cellKey), run, run, overview],
  (start, before, after, v) => {
    const { commits, states } = chainOf(start, [...before, 'a', ...after]);
    const tree = treeOf(start);
    const sweeps: Generator<void, void, undefined>[] = [];
    for (const [i, commit] of commits.entries()) {
      if (commit.withdraws === undefined) tree.apply(commit.patch, commit.undo);
      else {
        tree.withdraw(commit.withdraws);
        sweeps.push(tree.sweep());
      }
      for (const sweep of sweeps) sweep.next();
      agrees(tree, states[i + 1]!, v);
    }
    for (const sweep of sweeps) finish(sweep);
    agrees(tree, states.at(-1)!, v);
  },
);

law(
  t,
  'an area that does not change comes, whatever changes while the areas are read',
  [manifests(cellKey), crowded, run, overview],
  (start, first, changes, v) => {
    const { commits, states } = chainOf(start, [first, ...changes]);
    const tree = treeOf(states[1]!);
    const reading = tree.areasIn(v);
    const read = new Map<string, Area>();
    for (const commit of commits.slice(1)) {
      const { value } = reading.next();
      if (value) read.set(...(value as [string, Area]));
      tree.apply(commit.patch, commit.undo);
    }
    for (const each of reading) if (each) read.set(...(each as [string, Area]));
    const changed = new Set(commits.slice(1).flatMap(({ patch }) => [...patch.tiles.keys()]));
    const names = new Set([...changed].map((key) => areaNameOf(key, v.zoom!)));
    const steady = (areas: Iterable<[string, Area]>) => [...areas].filter(([name]) => !names.has(name));
    assert.equal(canonical(steady(read)), canonical(steady(plainAreas(states.at(-1)!, v))));
  },
);

t.test('a compositor that was withdrawn and comes back owns only what is new', async (t) => {
  const brick = (compositor: string) => ({ brick: 'b', timestamp: 1, compositor });
  const tree = new AreaTree();
  tree.add(
    [
      ['0,0', brick('a')],
      ['1,0', brick('a')],
    ],
    5,
  );
  tree.withdraw('a');
  const patch = { tiles: new Map([['1,0', brick('a')]]) };
  tree.apply(patch, { tiles: new Map([['1,0', null]]) });
  const area = { tiles: 1, owners: [['a', 1]], timestamp: 1 };
  t.strictSame(tree.area('0,0', { zoom: 1 }), area);
  finish(tree.sweep());
  t.strictSame(present(tree.areasIn({ zoom: 16 })), [['0,0', area]]);
});
