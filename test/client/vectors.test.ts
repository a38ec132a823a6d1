import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { SseParser, type SseEvent } from '../../src/client/sse-parser.ts';
import { WireCopy } from '../../src/client/wire-copy.ts';
import { digestsOf } from '../../src/client/repair.ts';
import { loadDigestVectors, loadVectors, visibleTiles, type Vector } from '../vectors/vectors.ts';

const vectors = loadVectors();

for (const vector of vectors.values()) {
  t.test(`${vector.name}: ${vector.about}`, (t) => {
    const copy = new WireCopy();
    const before = vector.continues === null ? undefined : vectors.get(vector.continues);
    if (before) {
      const { compositors, tiles, areas, regions } = before.state;
      const map = (entries: object = {}) => new Map(Object.entries(entries) as [string, never][]);
      copy.seed(before.lastEventId, {
        compositors: map(compositors),
        tiles: map(tiles),
        regions: map(regions),
      });
      for (const [name, area] of map(areas)) copy.areas.set(name, area);
      copy.exact = before.exact;
    }
    const parser = new SseParser();
    const events = parser.push(vector.bytes);
    let digestOk: boolean | null = null;
    for (const event of events) {
      const digest = copy.apply(event).heartbeat?.digest ?? null;
      if (digest !== null) digestOk = digest === copy.digest;
    }
    const dispatched = events.filter(({ data }) => data !== undefined);
    t.strictSame(
      dispatched.map(({ event }) => event),
      vector.events,
    );
    t.strictSame(sorted(copy.compositors), sorted(Object.entries(vector.state.compositors)));
    t.strictSame(sorted(copy.tiles), sorted(Object.entries(vector.state.tiles ?? {})));
    t.strictSame(sorted(copy.regions), sorted(Object.entries(vector.state.regions ?? {})));
    t.strictSame(sorted(copy.areas), sorted(Object.entries(vector.state.areas ?? {})));
    t.equal(copy.id, vector.lastEventId);
    t.equal(copy.exact, vector.exact);
    t.equal(digestOk, vector.digestOk);
    t.equal(parser.retry, vector.reconnect.retry);
    const bye = dispatched.find(({ event }) => event === 'bye')?.data;
    t.equal(bye === undefined ? null : (JSON.parse(bye) as { reason: string }).reason, vector.bye);
    t.end();
  });
}

for (const vector of loadDigestVectors().filter(({ zoom }) => zoom === 5))
  t.test(`digests: ${vector.about}`, async (t) => {
    const digests = digestsOf(new Map(visibleTiles(vector)));
    t.strictSame(Object.fromEntries(digests), vector.digests);
  });

t.test('whatever the chunks, the events are the same', (t) => {
  const expected = new Map(
    [...vectors.values()].map((each) => [each.name, new SseParser().push(each.bytes)]),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...vectors.values()),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      (vector, sizes) => isDeepStrictEqual(inChunks(vector, sizes), expected.get(vector.name)),
    ),
    { numRuns: 300 },
  );
  t.end();
});

function inChunks(vector: Vector, sizes: readonly number[]): SseEvent[] {
  const parser = new SseParser();
  const events: SseEvent[] = [];
  for (let i = 0, at = 0; at < vector.bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    events.push(...parser.push(vector.bytes.subarray(at, (at += size))));
  }
  return events;
}

function sorted(entries: Iterable<readonly [string, unknown]>): (readonly [string, unknown])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
