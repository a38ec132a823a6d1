import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { DomainError } from '../../src/domain/errors.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { emptyManifest, patchOf } from '../../src/domain/patch.ts';
import {
  MAX_AHEAD,
  publish,
  publishEach,
  publishExactly,
  type TileWrite,
} from '../../src/domain/publishing.ts';
import { cellOf, type Tile } from '../../src/domain/tile.ts';
import { rectHas, type Rect } from '../../src/domain/view.ts';
import { CELL_KEYS, rect } from '../support/arbitraries.ts';
import { law } from './law.ts';

const NOW = 1000;
const key = fc.constantFrom(...CELL_KEYS);
const brick = fc.constantFrom('wall.png', 'door.png');
const timestamp = fc.oneof(
  fc.constantFrom(0, NOW - 1, NOW, NOW + MAX_AHEAD, NOW + MAX_AHEAD + 0.5),
  fc.integer({ min: NOW - 3, max: NOW + 3 }),
);
const dictionary = <T>(value: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 6 })
    .map((all) => new Map(all));
const write: fc.Arbitrary<TileWrite> = fc.record({ brick, timestamp }, { requiredKeys: ['brick'] });
const maps = dictionary(fc.record({ brick, timestamp, compositor: fc.constantFrom('me', 'you') }));
const live = (tiles: Map<string, Tile>) => new LiveManifest({ ...emptyManifest(), tiles: new Map(tiles) });

/** What became of a request: its tiles, or the kind of its refusal and the fields it names. */
function outcome(run: () => Map<string, Tile | null>): Map<string, Tile | null> | [string, string[]] {
  try {
    return run();
  } catch (error) {
    assert.ok(error instanceof DomainError);
    return [error.kind, error.extras.errors!.map(({ field }) => field)];
  }
}

law(
  t,
  'publish: mine is mine, others’ only when newer, all or nothing',
  [maps, dictionary(fc.option(write))],
  (tiles, writes) => {
    const expected = new Map<string, Tile | null>();
    const ahead: string[] = [];
    const taken: string[] = [];
    for (const [at, wish] of writes) {
      const there = tiles.get(at);
      const mine = there?.compositor === 'me';
      if (wish === null) {
        if (mine) expected.set(at, null);
        continue;
      }
      const time = wish.timestamp ?? (mine && there.brick === wish.brick ? there.timestamp : NOW);
      if (time > NOW + MAX_AHEAD) ahead.push(`/${at}/timestamp`);
      else if (there && !mine && time <= there.timestamp) taken.push(`/${at}`);
      else expected.set(at, { brick: wish.brick, timestamp: time, compositor: 'me' });
    }
    const result = outcome(() => publish(live(tiles), 'me', writes, NOW));
    if (ahead.length > 0) assert.deepEqual(result, ['invalid-request', ahead]);
    else if (taken.length > 0) assert.deepEqual(result, ['tile-taken', taken]);
    else assert.deepEqual(result, expected);
  },
);

law(
  t,
  'publishEach: as if each tile were published alone',
  [maps, dictionary(fc.option(write))],
  (tiles, writes) => {
    const alone = new Map<string, Tile | null>();
    const rejected: string[] = [];
    for (const one of writes) {
      const result = outcome(() => publish(live(tiles), 'me', new Map([one]), NOW));
      if (Array.isArray(result)) rejected.push(...result[1]);
      else for (const [at, tile] of result) alone.set(at, tile);
    }
    const each = publishEach(live(tiles), 'me', writes, NOW);
    assert.deepEqual(each.tiles, alone);
    assert.deepEqual(each.rejected.map(({ field }) => field).sort(), rejected.sort());
  },
);

law(
  t,
  'publishExactly: afterwards mine are these, within the rectangle; others’ are as they were',
  [maps, dictionary(write), fc.option(rect, { nil: undefined })],
  (tiles, writes, r) => {
    const result = outcome(() => publishExactly(live(tiles), 'me', writes, NOW, r));
    const outside = [...writes.keys()].filter((at) => r && !rectHas(r, cellOf(at)));
    if (outside.length > 0)
      return assert.deepEqual(result, ['invalid-request', outside.map((at) => `/${at}`)]);
    if (Array.isArray(result))
      return assert.deepEqual(
        result,
        outcome(() => publish(live(tiles), 'me', writes, NOW)),
      );
    for (const at of new Set([...tiles.keys(), ...writes.keys()])) {
      const before = tiles.get(at);
      const after: Tile | undefined = result.has(at) ? (result.get(at) ?? undefined) : before;
      if (writes.has(at)) assert.deepEqual([after?.compositor, after?.brick], ['me', writes.get(at)!.brick]);
      else if (before?.compositor === 'me' && (!r || rectHas(r, cellOf(at)))) assert.equal(after, undefined);
      else assert.equal(after, before);
    }
  },
);

law(t, 'the same again changes nothing', [maps, dictionary(write)], (tiles, writes) => {
  const manifest = live(tiles);
  const first = outcome(() => publish(manifest, 'me', writes, NOW));
  if (Array.isArray(first)) return;
  manifest.apply(patchOf({ tiles: first }));
  assert.deepEqual(publish(manifest, 'me', writes, NOW + 50), first, 'a timestamp left out is kept');
});

t.test('a refusal names at most twenty fields, and says how many there are', async (t) => {
  const tiles = new Map(
    Array.from({ length: 50 }, (_, i) => [`${i},0`, { brick: 'x', timestamp: NOW, compositor: 'you' }]),
  );
  const writes = new Map([...tiles.keys()].map((at) => [at, { brick: 'x', timestamp: NOW }]));
  const error = t.throws(() => publish(live(tiles), 'me', writes, NOW), {
    kind: 'tile-taken',
    message: /20 of 50/,
  });
  t.equal((error as unknown as DomainError).extras.errors?.length, 20);
});

t.test('what goes without being named is bounded', async (t) => {
  // What went wrong: one small PUT by a compositor with 1,000,000 tiles removed all others in one turn of the event loop.
  const square = (n: number, compositor: string) =>
    Array.from({ length: n * 100 }, (_, i): [string, Tile] => [
      `${i % 100},${Math.floor(i / 100)}`,
      { brick: 'x', timestamp: NOW, compositor },
    ]);
  const manifest = live(new Map(square(101, 'me')));
  const put = (writes: [string, TileWrite][], view?: Rect) =>
    publishExactly(manifest, 'me', new Map(writes), NOW, view);
  const refused = ['invalid-request', ['view']];
  t.strictSame(
    outcome(() => put([])),
    refused,
  );
  t.strictSame(
    outcome(() => put([['500,500', { brick: 'new' }]])),
    refused,
  );
  const half = { x1: 0, y1: 0, x2: 99, y2: 49 };
  t.equal(put([], half).size, 5000, 'smaller parts may go');
  const named = square(1, 'me').map(([at, { brick }]): [string, TileWrite] => [at, { brick }]);
  t.equal(
    [...put(named)].filter(([, tile]) => tile === null).length,
    10_000,
    'as may as many as it may name',
  );
});

t.test('a timestamp in milliseconds counts as the same in seconds', async (t) => {
  const now = 1700000000;
  const at = (timestamp: number) =>
    outcome(() => publish(live(new Map()), 'me', new Map([['0,0', { brick: 'a', timestamp }]]), now));
  t.same(at(1700000000500), new Map([['0,0', { brick: 'a', timestamp: 1700000000.5, compositor: 'me' }]]));
  t.same(at((now + MAX_AHEAD + 1) * 1000), ['invalid-request', ['/0,0/timestamp']]);
});
