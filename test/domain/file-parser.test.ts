import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { BrokenFile, FileParser } from '../../src/domain/file-parser.ts';
import type { FileVersion } from '../../src/domain/file-tile.ts';
import { cellKey, HOSTILE } from '../support/arbitraries.ts';
import { law } from './law.ts';

function parse(text: string | Buffer, sizes: readonly number[] = [text.length || 1]): FileVersion {
  const parser = new FileParser();
  const bytes = Buffer.from(text as string);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    parser.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parser.end();
}

function problemOf(text: string | Buffer): string | undefined {
  try {
    parse(text, [1000]);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof BrokenFile, String(error));
    return error.message;
  }
}

const brick = fc.oneof(
  fc.constantFrom('wall.png', '"', '\\', '}{', ',', '😀', '\u00e9'),
  fc.string({ minLength: 1 }),
);
const tile = fc.record(
  { brick, timestamp: fc.double({ min: 0, max: 1e10, noNaN: true }) },
  { noNullPrototype: true },
);
const map = fc.dictionary(cellKey, tile, { maxKeys: 12, noNullPrototype: true });

law(
  t,
  'however the bytes are cut, and however they are indented, the tiles are those of JSON.parse',
  [map, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), fc.constantFrom(0, 2)],
  (tiles, sizes, indent) => {
    const text = JSON.stringify(tiles, null, indent);
    const isPrintable = ({ brick: name }: { brick: string }) =>
      !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name) && Array.from(name).length <= 255;
    const expected = Object.entries(tiles).filter(([, each]) => isPrintable(each));
    const version = parse(text, sizes);
    assert.deepEqual([...version.tiles], expected);
    assert.equal(version.skipped, Object.keys(tiles).length - expected.length);
  },
);

law(t, 'cut anywhere, it is broken, and never a shorter map', [map, fc.nat()], (tiles, at) => {
  const bytes = Buffer.from(JSON.stringify(tiles));
  assert.notEqual(problemOf(bytes.subarray(0, at % bytes.length)), undefined);
});

t.test('what is broken, and how', async (t) => {
  const tileText = '{"brick":"a","timestamp":1}';
  for (const [text, expected] of [
    ['', 'ends before its JSON does'],
    ['  \n', 'ends before its JSON does'],
    ['[]', 'is no JSON object'],
    ['null', 'is no JSON object'],
    ['"x"', 'is no JSON object'],
    ['{"0,0":', 'ends before its JSON does'],
    [`{"0,0":${tileText}`, 'ends before its JSON does'],
    [`{"0,0":${tileText}}}`, 'is not JSON'],
    [`{"0,0":${tileText}} {}`, 'is not JSON'],
    [`{"0,0":${tileText}]`, 'is not JSON'],
    [`{"0,0":${tileText},}`, 'is not JSON'],
    [`{,"0,0":${tileText}}`, 'is not JSON'],
    [`{"0,0":${tileText},,"1,0":${tileText}}`, 'is not JSON'],
    [`{"0,0":${tileText} "1,0":${tileText}}`, 'is not JSON'],
    [`{'0,0':${tileText}}`, 'is not JSON'],
    [`{"0,0":{"brick":"a","timestamp":NaN}}`, 'is not JSON'],
    [Buffer.from('{"0,0":{"brick":"\xff","timestamp":1}}', 'latin1'), 'is not UTF-8'],
    [`{"0,0":{"brick":"${'x'.repeat(70_000)}"}}`, 'has an entry of more than 65536 bytes'],
    [`{"0,0":${'['.repeat(70_000)}`, 'has an entry of more than 65536 bytes'],
  ] as const)
    t.equal(problemOf(text), expected, String(text).slice(0, 40));
  t.equal(problemOf(`{"0,0":${'['.repeat(2000)}${']'.repeat(2000)}}`), undefined, 'deep, and no tile');
});

t.test(
  'entries that are no tiles are left out and counted; fields that it does not know do no harm',
  async (t) => {
    const good = { brick: 'a', timestamp: 1.5 };
    const bad: Record<string, unknown> = {
      '1.5,2': good,
      '01,2': good,
      compositors: {},
      '2147483648,0': good,
      '1,0': null,
      '2,0': [good],
      '3,0': { brick: '', timestamp: 1 },
      '4,0': { brick: 7, timestamp: 1 },
      '5,0': { brick: 'x'.repeat(256), timestamp: 1 },
      '6,0': { brick: 'a\nb', timestamp: 1 },
      '7,0': { brick: 'a' },
      '8,0': { brick: 'a', timestamp: '1' },
      '9,0': { brick: 'a', timestamp: -1 },
      '10,0': { brick: 'a', timestamp: 1e300 },
    };
    for (const text of HOSTILE) bad[`x${text}`] = good;
    const { tiles, skipped, firstSkipped } = parse(JSON.stringify({ ...bad, '0,0': { ...good, z: [1] } }));
    t.same([...tiles], [['0,0', good]]);
    t.equal(skipped, Object.keys(bad).length);
    t.equal(firstSkipped, '"1.5,2" is no cell such as "3,-4"');
    t.equal(parse('{"__proto__":{"brick":"a","timestamp":1}}').skipped, 1);
  },
);

t.test('a byte order mark, another order of fields, a cell twice, milliseconds', async (t) => {
  const text = '\uFEFF{"0,0":{"timestamp":1,"brick":"a"},"0,0":{"brick":"b","timestamp":1700000000500}}\n';
  t.same([...parse(text, [1]).tiles], [['0,0', { brick: 'b', timestamp: 1700000000.5 }]]);
});

t.test('tiles can be taken while more come', async (t) => {
  const parser = new FileParser();
  parser.push(Buffer.from('{"0,0":{"brick":"a","timestamp":1},"1,'));
  t.same([...parser.take().keys()], ['0,0']);
  parser.push(Buffer.from('0":{"brick":"a","timestamp":1}}'));
  t.same([...parser.end().tiles.keys()], ['1,0']);
});
