import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  cellOf,
  INT32_MAX,
  INT32_MIN,
  isBrick,
  parseTileKey,
  sameTile,
  secondsOf,
  TILE_KEY_PATTERN,
} from '../../src/domain/tile.ts';
import { coordinate, HOSTILE, hostileString, tile } from '../support/arbitraries.ts';
import { law } from './law.ts';

t.test('tile keys that are none', async (t) => {
  const refused = [
    ...[
      '-0,1',
      '1,-0',
      '-0,-0',
      '+1,1',
      '1,+1',
      '01,1',
      '1,01',
      '00,0',
      '-01,1',
      '1.5,2',
      '1,2.0',
      '1e3,1',
      '0x1,1',
    ],
    ...['2147483648,0', '0,2147483648', '-2147483649,0', '0,-2147483649', '9999999999,0', '99999999999,0'],
    ...[
      '1',
      '1,',
      ',1',
      ',',
      '1,2,3',
      '1;2',
      '1 ,2',
      ' 1,2',
      '1,2 ',
      '1,2\n',
      '\n1,2',
      '--1,2',
      '-,1',
      'NaN,1',
    ],
    ...['Infinity,0', 'a,b', '１,2', '٣,1', '0,0\0', `${'1'.repeat(1e6)},1`, `0,${' '.repeat(1e6)}`],
    ...HOSTILE,
  ];
  t.strictSame(
    refused.filter((key) => parseTileKey(key) !== undefined),
    [],
  );
});

t.test('tile keys that are', async (t) => {
  for (const [x, y] of [
    ...[
      [0, 0],
      [-1, 1],
      [10, -10],
      [INT32_MAX, INT32_MIN],
      [INT32_MIN, INT32_MAX],
    ],
  ] as [number, number][])
    t.strictSame(parseTileKey(`${x},${y}`), { x, y });
});

law(t, 'every cell has one key, and the key names it', [coordinate, coordinate], (x, y) => {
  assert.deepEqual(parseTileKey(`${x},${y}`), { x, y });
  assert.deepEqual(cellOf(`${x},${y}`), { x, y });
  assert.match(`${x},${y}`, new RegExp(TILE_KEY_PATTERN));
});

const almost = fc.oneof(hostileString, fc.stringMatching(/^[-+]?[0-9.]{0,12},[-+ ]?[0-9e]{0,12}$/));

law(t, 'whatever is read as a key is written the same', [almost], (text) => {
  const cell = parseTileKey(text);
  if (cell) assert.equal(`${cell.x},${cell.y}`, text);
  else assert.ok(!/^-?[1-9]\d{0,8},-?[1-9]\d{0,8}$/.test(text), 'a plain key is never refused');
});

law(t, 'tiles are the same when each of their fields is', [tile, tile], (a, b) => {
  assert.equal(sameTile(a, { ...a }), true);
  assert.equal(sameTile(a, b), JSON.stringify(a) === JSON.stringify(b));
  for (const change of [{ brick: `${a.brick}!` }, { timestamp: a.timestamp + 1e300 }, { compositor: 'z' }])
    assert.equal(sameTile(a, { ...a, ...change }), false);
  assert.equal(sameTile(a, null), false);
  assert.equal(sameTile(undefined, b), false);
});

t.test('no tile is the same as no tile', async (t) => {
  for (const a of [null, undefined]) for (const b of [null, undefined]) t.equal(sameTile(a, b), true);
});

t.test('a timestamp in milliseconds is the same time', async (t) => {
  for (const [given, seconds] of [
    [0, 0],
    [1700000000.5, 1700000000.5],
    [1700000000500, 1700000000.5],
    [1e11 - 1, 1e11 - 1],
    [1e11, 1e8],
  ] as const)
    t.equal(secondsOf(given), seconds, String(given));
});

t.test('what names a brick', async (t) => {
  for (const name of ['a', 'wall.rts.png', 'ü', '😀'.repeat(255)]) t.equal(isBrick(name), true, name);
  for (const name of [
    '',
    ' ',
    'a\u202Eb',
    'a\nb',
    '\0',
    '\u2028',
    '\ud800',
    'x'.repeat(256),
    '😀'.repeat(256),
    7,
    null,
  ])
    t.equal(isBrick(name), false, String(name));
});
