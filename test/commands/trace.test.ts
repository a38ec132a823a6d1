import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { tileBodies } from '../../src/commands/fleet.ts';
import { dueAfter, survey } from '../../src/commands/play.ts';
import { readTrace, type TraceLine } from '../../src/commands/trace.ts';

const real = fileURLToPath(new URL('../fixtures/geometry-os-history.jsonl.gz', import.meta.url));

async function lines(path: string): Promise<TraceLine[]> {
  const all: TraceLine[] = [];
  for await (const line of readTrace(path)) all.push(line);
  return all;
}

t.test('the real trace: read to its end, it leaves what its README says', async (t) => {
  const tiles = new Map<string, unknown>();
  for (const line of await lines(real))
    for (const [key, tile] of line.tiles) {
      if (tile) tiles.set(key, tile);
      else tiles.delete(key);
    }
  const sorted = Object.fromEntries([...tiles].sort(([a], [b]) => (a < b ? -1 : 1)));
  t.equal(tiles.size, 3924);
  t.equal(
    createHash('sha256').update(JSON.stringify(sorted)).digest('hex'),
    '1278b8368dc0126d77a12e6065ca108e4ac195f7de0587733b42633c4481c8a3',
  );
  const { lines: count, compositors } = await survey(real);
  t.equal(count, 1254);
  t.equal(compositors.size, 24);
});

t.test('plain and gzip read the same; blank lines and CRLF are passed over, and counted', async (t) => {
  const text =
    '{"at":1,"compositor":"a","tiles":{"0,0":{"brick":"x"}}}\r\n\r\n{"at":2,"compositor":"b","tiles":{"0,0":null}}';
  const folder = t.testdir({ 'plain.jsonl': text });
  writeFileSync(join(folder, 'packed.jsonl.gz'), gzipSync(text));
  const plain = await lines(join(folder, 'plain.jsonl'));
  t.same(plain, [
    { number: 1, at: 1, compositor: 'a', tiles: [['0,0', { brick: 'x' }]] },
    { number: 3, at: 2, compositor: 'b', tiles: [['0,0', null]] },
  ]);
  t.same(await lines(join(folder, 'packed.jsonl.gz')), plain);
});

t.test('a malformed line is named by its number', async (t) => {
  const good = '{"at":1,"compositor":"a","tiles":{}}';
  const bad: [string, RegExp][] = [
    ['{', /:2: is no JSON$/],
    ['[]', /:2: must be an object$/],
    ['null', /:2: must be an object$/],
    ['{"compositor":"a","tiles":{}}', /:2: "at" must be/],
    ['{"at":"1","compositor":"a","tiles":{}}', /:2: "at" must be/],
    ['{"at":1,"compositor":"A b","tiles":{}}', /:2: "compositor" must be/],
    ['{"at":1,"compositor":"__proto__","tiles":{}}', /:2: "compositor" must be/],
    ['{"at":1,"compositor":"a","tiles":[]}', /:2: "tiles" must be/],
    ['{"at":1,"compositor":"a","tiles":{"1.5,2":null}}', /:2: "1.5,2" is no tile key$/],
    ['{"at":1,"compositor":"a","tiles":{"__proto__":null}}', /:2: "__proto__" is no tile key$/],
    ['{"at":1,"compositor":"a","tiles":{"0,0":"x"}}', /:2: the tile at 0,0 must be/],
    ['{"at":1,"compositor":"a","tiles":{"0,0":{"brick":""}}}', /:2: the tile at 0,0 must be/],
    ['{"at":1,"compositor":"a","tiles":{"0,0":{"brick":"x","extra":1}}}', /:2: the tile at 0,0 must be/],
    [
      '{"at":1,"compositor":"a","tiles":{"0,0":{"brick":"x","timestamp":"1"}}}',
      /:2: the tile at 0,0 must be/,
    ],
  ];
  for (const [line, expected] of bad) {
    const folder = t.testdir({ 'bad.jsonl': `${good}\n${line}\n${good}\n` });
    await t.rejects(lines(join(folder, 'bad.jsonl')), { name: 'CommandError', message: expected }, line);
  }
});

t.test('a file that cannot be read says why', async (t) => {
  const folder = t.testdir({ 'broken.gz': 'no gzip at all', folder: {} });
  await t.rejects(lines(join(folder, 'none.jsonl')), {
    name: 'CommandError',
    message: `cannot read ${folder}/none.jsonl: there is no such file`,
  });
  await t.rejects(lines(join(folder, 'folder')), { name: 'CommandError', message: /: it is a folder$/ });
  await t.rejects(lines(join(folder, 'broken.gz')), { name: 'CommandError', message: /Z_DATA_ERROR$/ });
  const cut = join(folder, 'cut.gz');
  writeFileSync(cut, gzipSync('{"at":1,"compositor":"a","tiles":{}}\n'.repeat(1000)).subarray(0, 40));
  await t.rejects(lines(cut), { name: 'CommandError' }, 'a file cut short is no shorter trace');
});

t.test('a line larger than a request is split, in order, and nothing is lost', async (t) => {
  const tiles = Array.from(
    { length: 25_000 },
    (_, i) => [`${i},0`, i % 7 ? { brick: 'ü'.repeat(100) } : null] as const,
  );
  const bodies = tileBodies(tiles);
  t.ok(bodies.length > 3);
  for (const body of bodies) {
    t.ok(Buffer.byteLength(body) <= 1_048_576);
    t.ok(Object.keys(JSON.parse(body) as object).length <= 10_000);
  }
  t.same(
    bodies.flatMap((body) => Object.entries(JSON.parse(body) as object)),
    tiles,
  );
  t.same(tileBodies([]), ['{}']);
  const three = [
    ['0,0', null],
    ['1,0', null],
    ['2,0', null],
  ] as const;
  t.same(tileBodies(three, 1_000_000, 2), ['{"0,0":null,"1,0":null}', '{"2,0":null}']);
  t.same(
    tileBodies(three, 10, 10),
    ['{"0,0":null}', '{"1,0":null}', '{"2,0":null}'],
    'one that is too large goes alone',
  );
});

t.test('pace', async (t) => {
  t.equal(dueAfter(undefined, 10, 60), 0);
  t.equal(dueAfter({ perSecond: 5 }, 10, 60), 2000);
  t.equal(dueAfter({ speed: 60 }, 10, 60), 1000);
});
