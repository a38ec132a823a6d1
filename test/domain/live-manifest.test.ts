import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { digestOf } from '../../src/domain/digest.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { apply, copyManifest, type Manifest } from '../../src/domain/patch.ts';
import type { Compositor } from '../../src/domain/compositor.ts';
import { rectOfRegion, type Region } from '../../src/domain/region.ts';
import { cellOf, type Tile } from '../../src/domain/tile.ts';
import { compositorBytes, NO_USAGE, regionBytes, tileBytes, type Usage } from '../../src/domain/usage.ts';
import { finish } from '../../src/domain/steps.ts';
import { rectHas, rectsTouch, WHOLE, type View } from '../../src/domain/view.ts';
import type { Withdrawal } from '../../src/domain/withdrawal.ts';
import { emptying, selected } from '../support/algebra.ts';
import { canonical, cellKey, manifests, OWNERS, patches, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

function usage(entries: Compositor[], tiles: Tile[], regions: Region[]): Usage {
  const bytes = [...entries.map(compositorBytes), ...tiles.map(tileBytes), ...regions.map(regionBytes)];
  return {
    compositors: entries.length,
    tiles: tiles.length,
    regions: regions.length,
    bytes: bytes.reduce((sum, each) => sum + each, 0),
  };
}

/** Everything the live manifest answers is what a search through the plain one finds. */
function agrees(live: LiveManifest, plain: Manifest, v: View): void {
  assert.equal(canonical(live.copy()), canonical(plain));
  assert.equal(
    canonical({
      compositors: new Map(live.compositors()),
      tiles: new Map(live.visibleTiles(WHOLE)),
      regions: new Map(live.visibleRegions(WHOLE)),
    }),
    canonical(plain),
  );
  assert.deepEqual(live.digest, digestOf(plain.tiles));
  assert.equal(live.tileCount, plain.tiles.size);
  const [entries, tiles] = [[...plain.compositors.values()], [...plain.tiles.values()]];
  const regions = [...plain.regions.values()];
  assert.deepEqual(live.usage, usage(entries, tiles, regions));
  assert.equal(live.regionCount, regions.length);
  assert.equal(live.compositorCount, plain.compositors.size);
  for (const id of [...OWNERS, 'nobody']) {
    const keys = [...plain.tiles].filter(([, tile]) => tile.compositor === id).map(([key]) => key);
    assert.deepEqual([...live.tilesOf(id)].sort(), keys.sort());
    assert.equal(live.tileCountOf(id), keys.length);
    const own = [...plain.tiles].filter(([, tile]) => tile.compositor === id);
    const bytes = keys.reduce((sum, key) => sum + tileBytes(plain.tiles.get(key)!), 0);
    assert.deepEqual(live.holdings(id), { digest: digestOf(own), bytes });
    const near = v.rect && keys.filter((key) => rectHas(v.rect!, cellOf(key)));
    assert.deepEqual([...live.tilesOf(id, v.rect)].sort(), (near ?? keys).sort());
    assert.equal(live.compositor(id), plain.compositors.get(id));
    assert.deepEqual(
      live.usageOf(id),
      usage(
        entries.filter((entry) => entry.id === id),
        tiles.filter((tile) => tile.compositor === id),
        regions.filter((region) => region.compositor === id),
      ),
    );
  }
  for (const [key, tile] of plain.tiles) assert.deepEqual(live.tile(key), tile);
  const seen = selected(plain, v);
  const sorted = (entries: Iterable<readonly [string, unknown]>) =>
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(sorted(live.visibleTiles(v)), sorted(seen.tiles));
  assert.deepEqual(sorted(live.visibleCompositors(v)), sorted(seen.compositors));
  assert.deepEqual(sorted(live.visibleRegions(v)), sorted(seen.regions));
  const touching = [...plain.regions].filter(([, each]) => !v.rect || rectsTouch(v.rect, rectOfRegion(each)));
  assert.deepEqual(sorted(live.regionsIn(v.rect)), sorted(touching));
  for (const [id, region] of plain.regions) assert.deepEqual(live.region(id), region);
  const inSquares = (squares: Iterable<number>, of: View) =>
    [...squares].flatMap((square) =>
      [...live.blocksIn(square, of)].flatMap((block) => [...block.entries(of.rect)]),
    );
  assert.deepEqual(sorted(inSquares(live.squaresIn(v), v)), sorted(seen.tiles));
  const { rect } = v;
  assert.deepEqual(
    sorted(inSquares(live.nearestFirst(rect), rect ? { rect } : {})),
    sorted(selected(plain, rect ? { rect } : {}).tiles),
  );
  assert.ok(live.holdsAtMost(v, plain.tiles.size * 2 + 100));
  assert.ok(seen.tiles.size === 0 || !live.holdsAtMost(v, seen.tiles.size - 1));
}

const run = fc.array(patches(cellKey), { maxLength: 6 });

law(t, 'stays what plain apply makes of it', [manifests(cellKey), run, view], (start, changes, v) => {
  const plain = copyManifest(start);
  const live = new LiveManifest(copyManifest(start));
  agrees(live, plain, v);
  for (const change of changes) {
    live.apply(change);
    apply(plain, change);
    agrees(live, plain, v);
  }
});

/** A patch, the end of a compositor with all its tiles, or so many steps of sweeping. */
const event = fc.oneof(
  patches(cellKey),
  fc.record({ withdraws: fc.constantFrom(...OWNERS) }),
  fc.record({ steps: fc.nat(3) }),
);

law(
  t,
  'what is withdrawn is gone at once, and back in the past',
  [manifests(cellKey), fc.array(event, { maxLength: 8 }), view],
  (start, events, v) => {
    const plain = copyManifest(start);
    const live = new LiveManifest(copyManifest(start));
    const ends: { withdrawal: Withdrawal; tiles: Map<string, Tile> }[] = [];
    const sweep = live.sweep();
    for (const next of events) {
      if ('steps' in next) {
        for (let i = 0; i < next.steps; i++) sweep.next();
      } else if ('withdraws' in next) {
        const own = [...plain.tiles].filter(([, tile]) => tile.compositor === next.withdraws);
        for (const [key] of own) plain.tiles.delete(key);
        ends.push({ withdrawal: live.withdraw(next.withdraws), tiles: new Map(own) });
      } else {
        live.apply(next);
        apply(plain, next);
      }
      agrees(live, plain, v);
      for (const { withdrawal, tiles } of ends) remembers(withdrawal, tiles, v);
    }
    finish(live.sweep());
    agrees(live, plain, v);
    for (const { withdrawal, tiles } of ends) remembers(withdrawal, tiles, v);
    live.apply(emptying(plain));
    assert.deepEqual(live.squaresIn(WHOLE), [], 'and nothing is left in the squares');
  },
);

/** The patch of a withdrawal removes just these tiles, its undo brings them back, and both find them by place. */
function remembers({ patch, undo }: Withdrawal, tiles: ReadonlyMap<string, Tile>, { rect }: View): void {
  assert.deepEqual(new Map(undo), tiles);
  assert.deepEqual(new Map(patch), new Map([...tiles.keys()].map((key) => [key, null])));
  assert.equal(patch.size, tiles.size);
  for (const [key, tile] of tiles) {
    assert.ok(patch.has(key));
    assert.equal(patch.get(key), null);
    assert.deepEqual(undo.get(key), tile);
  }
  assert.deepEqual([...patch.keys()].sort(), [...tiles.keys()].sort());
  assert.equal([...undo.values()].length, tiles.size);
  assert.equal(undo.get('7,7777'), undefined);
  if (!rect) return;
  const inside = [...tiles.keys()].filter((key) => rectHas(rect, cellOf(key))).sort();
  for (const each of [patch, undo]) assert.deepEqual([...new Set(each.within!(rect))].sort(), inside);
}

law(t, 'a copy does not change with it', [manifests(cellKey), patches(cellKey)], (start, change) => {
  const live = new LiveManifest(copyManifest(start));
  const copy = live.copy();
  live.apply(change);
  assert.equal(canonical(copy), canonical(start));
});

law(t, 'emptied, it keeps nothing', [manifests(cellKey)], (start) => {
  const live = new LiveManifest(copyManifest(start));
  live.apply(emptying(start));
  assert.deepEqual(live.digest, new LiveManifest().digest);
  assert.deepEqual(live.squaresIn(WHOLE), []);
  assert.deepEqual(live.usage, NO_USAGE);
});

t.test('new, it is empty', async (t) => {
  const live = new LiveManifest();
  t.strictSame(
    [...live.visibleTiles(WHOLE), ...live.compositors(), ...live.tilesOf('a'), ...live.squaresIn(WHOLE)],
    [],
  );
  t.strictSame(live.digest, { tiles: 0, sum: 0 });
});
