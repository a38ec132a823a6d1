import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  isWhole,
  overviewOf,
  parseRect,
  formatRect,
  rectHas,
  viewHasCompositor,
  viewHash,
  viewHasTile,
} from '../../src/domain/view.ts';
import { viewText, WHOLE, type View } from '../../src/domain/view.ts';
import { coordinate, HOSTILE, hostileString, owner, rect, tile, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

law(t, 'a rectangle is read back as it was written', [rect], (r) =>
  assert.deepEqual(parseRect(formatRect(r)), r),
);

law(t, 'corners may come in any order', [coordinate, coordinate, coordinate, coordinate], (a, b, c, d) => {
  const expected = { x1: Math.min(a, c), y1: Math.min(b, d), x2: Math.max(a, c), y2: Math.max(b, d) };
  for (const text of [
    `${a},${b},${c},${d}`,
    `${c},${d},${a},${b}`,
    `${a},${d},${c},${b}`,
    `${c},${b},${a},${d}`,
  ])
    assert.deepEqual(parseRect(text), expected);
});

law(t, 'garbage is no rectangle, and never throws', [hostileString], (text) => {
  assert.equal(parseRect(text), undefined);
});

t.test('rectangles that are none', async (t) => {
  const refused = [
    ...[
      '',
      '1',
      '1,2',
      '1,2,3',
      '1,2,3,4,5',
      '1,2,3,',
      ',1,2,3',
      '1,,2,3',
      '1,2,3,x',
      '1.5,2,3,4',
      '-0,1,2,3',
      '+1,2,3,4',
    ],
    ...[
      '01,2,3,4',
      '1 ,2,3,4',
      '1,2,3,4\n',
      '1e1,2,3,4',
      '2147483648,0,0,0',
      '0,-2147483649,0,0',
      '0,0,0,9999999999',
    ],
    ...['NaN,0,0,0', '0,0,0,Infinity', `1,2,3,${'4'.repeat(1e6)}`, ...HOSTILE],
  ];
  t.strictSame(
    refused.filter((text) => parseRect(text) !== undefined),
    [],
  );
});

law(t, 'all corners are inside, and nothing beyond an edge', [rect, coordinate, coordinate], (r, x, y) => {
  for (const cx of [r.x1, r.x2]) for (const cy of [r.y1, r.y2]) assert.ok(rectHas(r, { x: cx, y: cy }));
  for (const dx of [-1, 1])
    assert.ok(
      !rectHas(r, { x: dx < 0 ? r.x1 - 1 : r.x2 + 1, y: r.y1 }) &&
        !rectHas(r, { x: r.x1, y: dx < 0 ? r.y1 - 1 : r.y2 + 1 }),
    );
  const clamped = { x: Math.min(Math.max(x, r.x1), r.x2), y: Math.min(Math.max(y, r.y1), r.y2) };
  assert.equal(rectHas(r, { x, y }), clamped.x === x && clamped.y === y);
});

law(
  t,
  'a view has a tile when its rectangle and its owners do',
  [view, coordinate, coordinate, tile],
  (v, x, y, brick) => {
    const expected =
      (!v.rect || rectHas(v.rect, { x, y })) && (!v.compositors || v.compositors.has(brick.compositor));
    assert.equal(viewHasTile(v, `${x},${y}`, brick), expected);
  },
);

law(t, 'a rectangle hides no compositor', [view, owner], (v, id) => {
  assert.equal(viewHasCompositor(v, id), !v.compositors || v.compositors.has(id));
});

law(t, 'isWhole means nothing is narrowed', [view], (v) => {
  assert.equal(isWhole(v), !('rect' in v) && !('compositors' in v));
  assert.equal(viewText(v) === '', isWhole(v));
  assert.equal(viewHash(v) === '', isWhole(v));
  if (!isWhole(v)) assert.match(viewHash(v), /^[0-9a-f]{8}$/);
});

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,5}$/), { maxLength: 5 });

law(
  t,
  'the order in which owners are asked for does not matter',
  [ids, fc.option(rect, { nil: undefined })],
  (names, r) => {
    const of = (list: string[]): View => ({ compositors: new Set(list), ...(r && { rect: r }) });
    assert.equal(viewText(of(names)), viewText(of([...names].reverse())));
    assert.equal(viewHash(of(names)), viewHash(of([...names].reverse())));
  },
);

law(t, 'different views have different texts and hashes', [view, view], (a, b) => {
  const key = (v: View) => JSON.stringify([v.rect ?? null, v.compositors ? [...v.compositors].sort() : null]);
  assert.equal(viewText(a) === viewText(b), key(a) === key(b));
  assert.equal(viewHash(a) === viewHash(b), key(a) === key(b));
});

t.test('view texts', async (t) => {
  const r = { x1: -1, y1: 0, x2: 2, y2: 3 };
  t.equal(viewText(WHOLE), '');
  t.equal(viewText({ rect: r }), 'view=-1,0,2,3');
  t.equal(viewText({ rect: r, compositors: new Set(['b', 'a']) }), 'view=-1,0,2,3&compositor=a,b');
  t.not(viewText({ compositors: new Set() }), '', 'nobody is not everybody');
});

law(
  t,
  'an overview has the areas whole that its rectangle touches, and no others',
  [rect, fc.integer({ min: 1, max: 16 }), coordinate, coordinate],
  (r, zoom, x, y) => {
    const whole = overviewOf({ rect: r }, zoom).rect!;
    const side = 2 ** zoom;
    const first = { x: Math.floor(x / side) * side, y: Math.floor(y / side) * side };
    const touched = first.x <= r.x2 && first.x + side > r.x1 && first.y <= r.y2 && first.y + side > r.y1;
    assert.equal(rectHas(whole, { x, y }), touched);
    assert.deepEqual(parseRect(formatRect(whole)), whole);
    assert.deepEqual(overviewOf({ rect: whole }, zoom).rect, whole);
  },
);

t.test('zoom is part of the view, and zoom 0 is none', async (t) => {
  t.equal(overviewOf(WHOLE, 0), WHOLE);
  t.equal(viewText(overviewOf(WHOLE, 3)), 'zoom=3');
  t.equal(isWhole(overviewOf(WHOLE, 3)), false);
  const view = { rect: { x1: -1, y1: 0, x2: 2, y2: 3 }, compositors: new Set(['a']) };
  t.equal(viewText(overviewOf(view, 2)), 'view=-4,0,3,3&compositor=a&zoom=2');
});
