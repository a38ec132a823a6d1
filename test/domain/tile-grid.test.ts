import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { TileGrid } from '../../src/domain/tile-grid.ts';
import { cellOf, INT32_MAX, INT32_MIN } from '../../src/domain/tile.ts';
import { rectHas, type Rect } from '../../src/domain/view.ts';
import { CELL_KEYS, cellKey, rect } from '../support/arbitraries.ts';
import { law } from './law.ts';

const PLANE: Rect = { x1: INT32_MIN, y1: INT32_MIN, x2: INT32_MAX, y2: INT32_MAX };
const gridOf = (keys: Iterable<string>) => {
  const grid = new TileGrid();
  for (const key of keys) grid.add(key);
  return grid;
};
const inside = (keys: Iterable<string>, r: Rect) => [...keys].filter((key) => rectHas(r, cellOf(key))).sort();
const flat = (blocks: Iterable<Iterable<string>>) => [...blocks].flatMap((block) => [...block]).sort();

const keys = fc.array(cellKey, { maxLength: 30 });
const steps = fc.array(fc.tuple(fc.boolean(), cellKey), { maxLength: 60 });

law(t, 'finds exactly what is there, each once, after any adds and deletes', [steps, rect], (run, r) => {
  const grid = new TileGrid();
  const there = new Set<string>();
  for (const [add, key] of run) {
    if (add) grid.add(key);
    else grid.delete(key);
    if (add) there.add(key);
    else there.delete(key);
  }
  assert.deepEqual([...grid.within(r)].sort(), inside(there, r));
  assert.deepEqual([...grid.within(PLANE)].sort(), [...there].sort());
  assert.deepEqual(flat(grid.nearestFirst(r)), inside(there, r));
  assert.deepEqual(flat(grid.nearestFirst()), [...there].sort());
  grid.clear();
  assert.deepEqual([...grid.within(PLANE)], []);
  assert.deepEqual([...grid.nearestFirst()], []);
});

law(t, 'few blocks or many, a small rectangle finds the same', [keys, cellKey], (some, key) => {
  // Enough blocks elsewhere that the rectangle's own are fewer: the other way to walk.
  const far = Array.from({ length: 40 }, (_, i) => `${5000 + 32 * i},7000`);
  const { x, y } = cellOf(key);
  const r = { x1: Math.max(x - 40, INT32_MIN), y1: Math.max(y - 40, INT32_MIN), x2: x, y2: y };
  assert.deepEqual(
    [...gridOf([...some, key, ...far]).within(r)].sort(),
    inside(new Set([...some, key, ...far]), r),
  );
});

law(t, 'nearer blocks come first', [keys, fc.option(rect, { nil: undefined })], (some, r) => {
  const cx = r ? (r.x1 + r.x2) / 2 : 0;
  const cy = r ? (r.y1 + r.y2) / 2 : 0;
  const middle = (n: number) => Math.floor(n / 32) * 32 + 16;
  const away = [...gridOf(some).nearestFirst(r)]
    .flatMap((block) => [...block].slice(0, 1))
    .map((key) => ({ x: middle(cellOf(key).x) - cx, y: middle(cellOf(key).y) - cy }));
  // 24 blocks: what is farther away comes in any order.
  const isFar = ({ x, y }: { x: number; y: number }) => Math.max(Math.abs(x), Math.abs(y)) > 24 * 32;
  const near = away.slice(0, away.findIndex(isFar) < 0 ? undefined : away.findIndex(isFar));
  assert.ok(away.slice(near.length).every(isFar), 'what is far comes after all that is near');
  const distances = near.map(({ x, y }) => Math.hypot(x, y));
  // Far from the centre, hypot and a sum of squares round differently.
  for (let i = 1; i < distances.length; i++) assert.ok(distances[i]! >= distances[i - 1]! * (1 - 1e-9));
});

t.test('the corners of the plane', async (t) => {
  for (const key of CELL_KEYS) {
    const { x, y } = cellOf(key);
    t.strictSame([...gridOf([key]).within({ x1: x, y1: y, x2: x, y2: y })], [key]);
    t.strictSame([...gridOf([key]).within(PLANE)], [key]);
  }
});

t.test('cells left and right of a block edge, also below zero', async (t) => {
  const grid = gridOf(['-33,0', '-32,0', '-1,0', '0,0', '31,0', '32,0']);
  t.strictSame([...grid.within({ x1: -32, y1: 0, x2: -1, y2: 0 })], ['-32,0', '-1,0']);
  t.strictSame([...grid.within({ x1: -33, y1: -5, x2: -33, y2: 5 })], ['-33,0']);
  t.strictSame([...grid.within({ x1: 0, y1: 0, x2: 31, y2: 31 })], ['0,0', '31,0']);
  t.equal([...grid.nearestFirst()].length, 4, 'four blocks');
});

t.test('a block is read as it is then, not as it was', async (t) => {
  const grid = gridOf(['0,0', '1,0']);
  for (const r of [undefined, { x1: 0, y1: 0, x2: 2, y2: 0 }]) {
    const [block] = [...grid.nearestFirst(r)];
    grid.add('2,0');
    grid.delete('0,0');
    t.strictSame([...block!].sort(), ['1,0', '2,0']);
    grid.add('0,0');
    grid.delete('2,0');
  }
});

t.test('deleting what is not there, or twice, and adding twice', async (t) => {
  const grid = gridOf(['0,0', '0,0']);
  grid.delete('1,1');
  grid.delete('500,500');
  t.strictSame([...grid.within(PLANE)], ['0,0']);
  grid.delete('0,0');
  grid.delete('0,0');
  t.strictSame([...grid.nearestFirst()], [], 'an empty block is forgotten');
});
