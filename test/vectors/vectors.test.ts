import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { SseParser, type SseItem } from '../../src/conformance/sse-parser.ts';
import { CheckedCopy } from '../../src/conformance/checked-copy.ts';
import { digestOf, formatDigest } from '../../src/domain/digest.ts';
import { digestsOf } from '../../src/domain/square-digests.ts';
import { loadDigestVectors, loadVectors, viewOf, visibleTiles, type Vector } from './vectors.ts';

const vectors = loadVectors();

for (const vector of vectors.values()) {
  t.test(`${vector.name}: ${vector.about}`, (t) => {
    const before = vector.continues === null ? undefined : vectors.get(vector.continues);
    if (vector.continues !== null && !before) throw new Error(`there is no vector ${vector.continues}`);
    const copy = new CheckedCopy(viewOf(before?.view ?? vector.query));
    if (before) copy.seed(before.lastEventId, before.state, before.exact);

    const parser = new SseParser();
    copy.open(viewOf(vector.query));
    const events = parser.push(vector.bytes).filter((item) => item.type === 'event');
    for (const event of events) copy.take(event);

    t.strictSame(
      events.map((event) => event.event),
      vector.events,
      'the events',
    );
    t.strictSame(entries(copy.compositors), entries(vector.state.compositors), 'the compositors');
    t.strictSame(entries(copy.tiles), entries(vector.state.tiles ?? {}), 'the tiles');
    t.strictSame(entries(copy.regions), entries(vector.state.regions ?? {}), 'the regions');
    t.strictSame(entries(copy.areas), entries(vector.state.areas ?? {}), 'the areas');
    t.strictSame(copy.view, viewOf(vector.view ?? vector.query), 'the view');
    t.equal(copy.lastEventId, vector.lastEventId, 'the last id');
    t.equal(copy.exact, vector.exact, 'exact or not');
    t.equal(copy.digestOk, vector.digestOk, 'the digest');
    t.equal(copy.bye ?? null, vector.bye, 'the reason of the bye');
    t.equal(parser.retry, vector.reconnect.retry, 'when to come back');
    t.equal(
      copy.digestOk === false ? null : copy.lastEventId,
      vector.reconnect.lastEventId,
      'where to go on from',
    );
    if (vector.faulty) t.not(copy.violations.length, 0, 'the checked copy reports it');
    else t.strictSame(copy.violations, [], 'the checked copy reports nothing');
    t.end();
  });
}

for (const vector of loadDigestVectors())
  t.test(`digests: ${vector.about}`, async (t) => {
    const tiles = visibleTiles(vector);
    const digests = [...digestsOf(tiles, vector.zoom)].map(([name, digest]) => [name, formatDigest(digest)]);
    t.strictSame(Object.fromEntries(digests), vector.digests);
    t.equal(formatDigest(digestOf(tiles)), vector.digest);
  });

t.test('every transcript has its expected result, and the other way round', (t) => {
  const files = readdirSync(new URL('../../openapi/vectors/', import.meta.url));
  const names = (end: string) =>
    files.filter((file) => file.endsWith(end)).map((f) => f.slice(0, -end.length));
  t.strictSame(names('.sse').sort(), names('.json').sort());
  t.ok(vectors.size >= 30);
  t.end();
});

t.test('whatever the chunks, the events are the same', (t) => {
  const whole = new Map(
    [...vectors.values()].map((vector) => [vector.name, new SseParser().push(vector.bytes)]),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...vectors.values()),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      (vector, sizes) => isDeepStrictEqual(inChunks(vector, sizes), whole.get(vector.name)),
    ),
    { numRuns: 300 },
  );
  for (const vector of vectors.values())
    t.strictSame(inChunks(vector, [1]), whole.get(vector.name), `${vector.name}, byte by byte`);
  t.end();
});

function inChunks(vector: Vector, sizes: readonly number[]): SseItem[] {
  const parser = new SseParser();
  const items: SseItem[] = [];
  let at = 0;
  for (let i = 0; at < vector.bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    items.push(...parser.push(vector.bytes.subarray(at, at + size)));
    at += size;
  }
  return items;
}

/** As text, sorted: deep comparison of objects would pass over a key named `__proto__`. */
function entries(map: Map<string, unknown> | Record<string, unknown>): string[] {
  const pairs = map instanceof Map ? [...map] : Object.entries(map);
  return pairs.map((pair) => JSON.stringify(pair)).sort();
}
