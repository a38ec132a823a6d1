import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { CellIndex } from '../../src/domain/cell-index.ts';
import { SquareIndex } from '../../src/domain/square-index.ts';
import { columnOf, indexInSquare, rectOf, rowOf, squareAt, squareOf } from '../../src/domain/square.ts';
import { cellOf, INT32_MAX, INT32_MIN } from '../../src/domain/tile.ts';
import { rectHas, type Rect } from '../../src/domain/view.ts';
import { CELL_KEYS, cellKey, coordinate, rect } from '../support/arbitraries.ts';
import { law } from './law.ts';

const PLANE: Rect = { x1: INT32_MIN, y1: INT32_MIN, x2: INT32_MAX, y2: INT32_MAX };
/** Cells in squares, as a plane has them. */
const indexOf = (keys: Iterable<string>) => {
  const index = new SquareIndex<Set<string>>();
  for (const key of keys) {
    const square = squareOf(cellOf(key));
    index.set(square, (index.get(square) ?? new Set()).add(key));
  }
  return index;
};
const touches = (square: number, r: Rect) => {
  const own = rectOf(square);
  return own.x1 <= r.x2 && own.x2 >= r.x1 && own.y1 <= r.y2 && own.y2 >= r.y1;
};
const inside = (keys: Iterable<string>, r: Rect) => [...keys].filter((key) => rectHas(r, cellOf(key))).sort();
const squaresOf = (keys: Iterable<string>) => new Set([...keys].map((key) => squareOf(cellOf(key))));
const ascending = (squares: Iterable<number>) => [...squares].sort((a, b) => a - b);

const keys = fc.uniqueArray(cellKey, { maxLength: 30 });

law(t, 'each cell has one number in one square', [coordinate, coordinate], (x, y) => {
  const square = squareOf({ x, y });
  const own = rectOf(square);
  assert.ok(Number.isSafeInteger(square) || square === -(2 ** 53));
  assert.ok(rectHas(own, { x, y }));
  assert.deepEqual([columnOf(square), rowOf(square)], [Math.floor(x / 32), Math.floor(y / 32)]);
  assert.equal(squareAt(columnOf(square), rowOf(square)), square);
  const index = indexInSquare({ x, y });
  assert.deepEqual([own.x1 + (index & 31), own.y1 + (index >> 5)], [x, y]);
});

law(t, 'finds the squares that a rectangle touches, each once', [keys, keys, rect], (some, others, r) => {
  const index = indexOf([...some, ...others]);
  for (const square of squaresOf(others)) index.delete(square);
  const left = [...squaresOf(some)].filter((square) => !squaresOf(others).has(square));
  const touched = ascending(left.filter((square) => touches(square, r)));
  assert.equal(index.size, left.length);
  assert.deepEqual(ascending(index.squaresIn(r)), touched);
  assert.deepEqual(ascending(index.nearestFirst(r)), touched);
  assert.deepEqual(ascending(index.squaresIn()), ascending(left));
  assert.deepEqual(ascending(index.squaresIn(PLANE)), ascending(left));
  assert.deepEqual(ascending(index.nearestFirst()), ascending(left));
  assert.deepEqual(
    [...index.in(r)],
    [...index.squaresIn(r)].map((square) => index.get(square)),
  );
});

law(t, 'few squares or many, a small rectangle finds the same', [keys, cellKey], (some, key) => {
  // Enough squares elsewhere that the rectangle's own are fewer: the other way to walk.
  const far = Array.from({ length: 40 }, (_, i) => `${5000 + 32 * i},7000`);
  const { x, y } = cellOf(key);
  const r = { x1: Math.max(x - 40, INT32_MIN), y1: Math.max(y - 40, INT32_MIN), x2: x, y2: y };
  const all = new Set([...some, key, ...far]);
  const touched = [...squaresOf(all)].filter((square) => touches(square, r));
  assert.deepEqual(ascending(indexOf(all).squaresIn(r)), ascending(touched));
  assert.deepEqual([...new CellIndex(all).within(r)].sort(), inside(all, r));
});

law(t, 'cells are found by rectangle and by square', [keys, rect], (some, r) => {
  const index = new CellIndex(some);
  assert.deepEqual([...index.within(r)].sort(), inside(some, r));
  assert.deepEqual([...index.within()].sort(), [...some].sort());
  assert.deepEqual(ascending(index.squares), ascending(squaresOf(some)));
  for (const square of index.squares)
    assert.deepEqual([...index.in(square)].sort(), inside(some, rectOf(square)));
  assert.deepEqual(index.in(squareAt(-5000, 5000)), []);
});

law(t, 'nearer squares come first', [keys, fc.option(rect, { nil: undefined })], (some, r) => {
  const cx = r ? (r.x1 + r.x2) / 2 : 0;
  const cy = r ? (r.y1 + r.y2) / 2 : 0;
  const away = [...indexOf(some).nearestFirst(r)].map((square) => ({
    x: columnOf(square) * 32 + 16 - cx,
    y: rowOf(square) * 32 + 16 - cy,
  }));
  // 24 squares: what is farther away comes in any order.
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
    t.strictSame([...new CellIndex([key]).within({ x1: x, y1: y, x2: x, y2: y })], [key]);
    t.strictSame([...new CellIndex([key]).within(PLANE)], [key]);
    t.strictSame([...indexOf([key]).nearestFirst({ x1: x, y1: y, x2: x, y2: y })], [squareOf({ x, y })]);
  }
});

t.test('cells left and right of the edge of a square, also below zero', async (t) => {
  const cells = new CellIndex(['-33,0', '-32,0', '-1,0', '0,0', '31,0', '32,0']);
  t.strictSame([...cells.within({ x1: -32, y1: 0, x2: -1, y2: 0 })], ['-32,0', '-1,0']);
  t.strictSame([...cells.within({ x1: -33, y1: -5, x2: -33, y2: 5 })], ['-33,0']);
  t.strictSame([...cells.within({ x1: 0, y1: 0, x2: 31, y2: 31 })], ['0,0', '31,0']);
  t.equal([...cells.squares].length, 4, 'four squares');
});
