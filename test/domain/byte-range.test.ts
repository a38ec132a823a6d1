import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { rangeOf } from '../../src/domain/byte-range.ts';
import { hostileString } from '../support/arbitraries.ts';
import { law } from './law.ts';

const number = fc.oneof(fc.nat(12), fc.nat());
const header = fc.oneof(
  fc.tuple(number, number).map(([first, last]) => `bytes=${first}-${last}`),
  number.map((first) => `bytes=${first}-`),
  number.map((last) => `bytes=-${last}`),
  hostileString,
  hostileString.map((text) => `bytes=${text}`),
);

law(
  t,
  'a range lies in the body, whatever the header says',
  [header, fc.integer({ min: 1, max: 12 })],
  (text, size) => {
    const range = rangeOf(text, size);
    if (range === undefined || range === 'beyond') return;
    assert.ok(Number.isInteger(range.start) && range.start >= 0, text);
    assert.ok(range.end < size && range.start <= range.end, text);
  },
);

t.test('from, from to, and the last', async (t) => {
  for (const [text, range] of [
    ['bytes=0-', { start: 0, end: 9 }],
    ['bytes=2-4', { start: 2, end: 4 }],
    ['bytes=9-9', { start: 9, end: 9 }],
    ['bytes=5-99', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-99', { start: 0, end: 9 }],
    ['bytes=10-', 'beyond'],
    ['bytes=10-12', 'beyond'],
    ['bytes=-0', 'beyond'],
  ] as const)
    t.strictSame(rangeOf(text, 10), range, text);
});

t.test('what is no single range of bytes stands for the whole body', async (t) => {
  for (const text of [
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=4-2',
    'bytes=0-1,3-4',
    'lines=1-2',
    'bytes=a-b',
    'bytes=1e3-',
  ])
    t.equal(rangeOf(text, 10), undefined, String(text));
});
