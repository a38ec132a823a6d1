import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { DomainError } from '../../src/domain/errors.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { emptyManifest, patchOf } from '../../src/domain/patch.ts';
import { publish, publishEach, publishExactly } from '../../src/domain/publishing.ts';
import { rectOfRegion, type Region } from '../../src/domain/region.ts';
import { removal } from '../../src/domain/registration.ts';
import { requireCovered, requireRegion, requireRoom } from '../../src/domain/reserving.ts';
import { cellOf } from '../../src/domain/tile.ts';
import type { Principal } from '../../src/domain/token.ts';
import { parseRect, rectHas, rectsTouch } from '../../src/domain/view.ts';
import { region as regionOf, tile } from '../contract/samples.ts';
import { cellKey, OWNERS, region, regionId } from '../support/arbitraries.ts';
import { law } from './law.ts';

const NOW = 1_700_000_000;
const holding = (regions: Readonly<Record<string, Region>>) =>
  new LiveManifest({ ...emptyManifest(), regions: new Map(Object.entries(regions)) });
const token = (more: Partial<Principal>): Principal => ({ key: 'k', scopes: ['write'], ...more });

function errorOf(run: () => unknown): DomainError {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

law(
  t,
  'reserved one by one, no region touches an exclusive one of another compositor',
  [fc.array(fc.tuple(regionId, region), { maxLength: 10 })],
  (wanted) => {
    const live = new LiveManifest();
    for (const [id, each] of wanted) {
      if (live.region(id)) continue;
      const inWay = [...live.regionsIn(rectOfRegion(each))].filter(
        ([, other]) => other.compositor !== each.compositor && (other.exclusive || each.exclusive),
      );
      try {
        requireRoom(live, each);
        assert.deepEqual(inWay, []);
        live.apply(patchOf({ regions: new Map([[id, each]]) }));
      } catch (error) {
        assert.ok(error instanceof DomainError && error.kind === 'region-taken');
        assert.deepEqual(error.extras.regions?.map((one) => one.id).sort(), inWay.map(([one]) => one).sort());
      }
    }
    const all = [...live.regionsIn()].map(([, each]) => each);
    for (const a of all)
      for (const b of all)
        if (a.compositor !== b.compositor && a.exclusive)
          assert.ok(!rectsTouch(rectOfRegion(a), rectOfRegion(b)));
  },
);

law(
  t,
  'a tile is written into an exclusive region by its compositor alone',
  [
    fc.array(fc.tuple(regionId, region), { maxLength: 6 }),
    fc.uniqueArray(cellKey, { maxLength: 6 }),
    fc.constantFrom(...OWNERS),
  ],
  (regions, keys, owner) => {
    const live = holding(Object.fromEntries(regions));
    const writes = new Map(keys.map((key) => [key, { brick: 'x', timestamp: NOW }]));
    const barred = keys.filter((key) =>
      [...live.regionsIn()].some(
        ([, each]) => each.exclusive && each.compositor !== owner && rectHas(rectOfRegion(each), cellOf(key)),
      ),
    );
    const { tiles, rejected } = publishEach(live, owner, writes, NOW);
    assert.deepEqual(rejected.map(({ field }) => field.slice(1)).sort(), [...barred].sort());
    assert.deepEqual([...tiles.keys()].sort(), keys.filter((key) => !barred.includes(key)).sort());
    for (const write of [publish, publishExactly])
      if (barred.length === 0) assert.equal(write(live, owner, writes, NOW).size, keys.length);
      else assert.equal(errorOf(() => write(live, owner, writes, NOW)).kind, 'region-taken');
  },
);

t.test('in the exclusive region of another, a tile may stay as it is, and go', async (t) => {
  const live = holding({ Ra: regionOf('desk', '0,0,9,9') });
  live.apply(patchOf({ tiles: new Map([['1,1', tile('a', 'wall', NOW)]]) }));
  const write = (brick: string | null, timestamp?: number) =>
    publish(
      live,
      'wall',
      new Map([['1,1', brick === null ? null : { brick, ...(timestamp && { timestamp }) }]]),
      NOW,
    );
  t.equal(write('a').size, 1, 'the same again');
  t.equal(write(null).size, 1, 'its end');
  const error = errorOf(() => write('b'));
  t.equal(error.kind, 'region-taken');
  t.strictSame(error.extras.errors, [
    { in: 'body', field: '/1,1', detail: 'lies in the exclusive region Ra of desk' },
  ]);
  t.match(error.extras.regions, [{ id: 'Ra', compositor: 'desk', rect: '0,0,9,9' }]);
  t.equal(errorOf(() => write('a', NOW + 1)).kind, 'region-taken');
  const taken = publish(live, 'desk', new Map([['1,1', { brick: 'b' }]]), NOW + 1);
  t.match(taken.get('1,1'), { compositor: 'desk' }, 'its holder takes it over as ever');
});

t.test('an error names at most twenty regions, and says how many there are', async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`R${i}`, regionOf('wall', `${i},0,${i},0`)]),
  );
  const error = errorOf(() => requireRoom(holding(many), regionOf('desk', '0,0,99,99')));
  t.equal(error.extras.regions?.length, 20);
  t.match(error.message, /and 29 more/);
});

t.test('what a limited token reserves', async (t) => {
  const live = new LiveManifest();
  const wanted = (rect: string, exclusive = true) => regionOf('wall', rect, { exclusive });
  const inView = token({ view: parseRect('0,0,9,9') });
  requireRoom(live, wanted('0,0,9,9'), inView);
  const outside = errorOf(() => requireRoom(live, wanted('0,0,10,9'), inView));
  t.equal(outside.kind, 'forbidden');
  t.match(outside.extras.errors, [{ field: '/rect' }]);
  const ofIds = token({ compositors: ['wall'] });
  requireRoom(live, wanted('0,0,9,9', false), ofIds);
  t.match(
    errorOf(() => requireRoom(live, wanted('0,0,9,9'), ofIds)),
    {
      kind: 'forbidden',
      extras: { errors: [{ field: '/exclusive' }] },
    },
  );
  requireRoom(live, wanted('0,0,9,9'), token({ compositors: ['wall'], scopes: ['write', 'takeover'] }));
  requireRoom(live, wanted('0,0,9,9'), token({}));
});

t.test('whose region it is', async (t) => {
  const live = holding({ Ra: regionOf('wall', '0,0,9,9') });
  t.match(requireRegion(live, 'Ra', token({ compositors: ['wall'] })), { compositor: 'wall' });
  t.equal(errorOf(() => requireRegion(live, 'Ra', token({ compositors: ['desk*'] }))).kind, 'forbidden');
  for (const id of ['Rb', '', 'wall', '__proto__', '0,0'])
    t.equal(errorOf(() => requireRegion(live, id)).kind, 'not-found', id);
  requireCovered('wall', undefined);
});

t.test('a compositor goes with its regions and their leases', async (t) => {
  const live = holding({
    Ra: regionOf('wall', '0,0,9,9'),
    Rb: regionOf('desk', '20,0,29,9'),
    Rc: regionOf('wall', '5,5,50,50', { exclusive: false, generation: 'two' }),
  });
  live.apply(patchOf({ tiles: new Map([['1,1', tile('a')]]) }));
  for (const namedAtMost of [1000, 0]) {
    const { patch, drops } = removal(live, 'wall', { namedAtMost });
    t.strictSame(
      [...patch.regions],
      [
        ['Ra', null],
        ['Rc', null],
      ],
    );
    t.strictSame(drops, [
      { id: 'Ra', generation: 'one' },
      { id: 'Rc', generation: 'two' },
    ]);
  }
  t.strictSame(removal(live, 'nobody').drops, []);
});
