import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { areaNameOf } from '../../src/domain/area.ts';
import { digestOf, sumOf } from '../../src/domain/digest.ts';
import { History } from '../../src/domain/history.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { ManifestAt } from '../../src/domain/manifest-at.ts';
import { copyManifest, emptyManifest } from '../../src/domain/patch.ts';
import { differing, digestsIn, digestsOf } from '../../src/domain/square-digests.ts';
import { finish } from '../../src/domain/steps.ts';
import { selected } from '../support/algebra.ts';
import { canonical, cellKey, chainOf, chains, manifests, tile, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

const ENDLESS = { commits: Infinity, seconds: Infinity, bytes: Infinity };
const zoom = fc.integer({ min: 5, max: 16 });
/** Cells in a few squares, so that blocks are whole, cut by the view, and changed on the way. */
const nearKey = fc
  .tuple(fc.integer({ min: -40, max: 70 }), fc.integer({ min: -2, max: 2 }))
  .map(([x, y]) => `${x},${y}`);
const anyChain = fc.oneof(chains(undefined, 12), chains(nearKey, 12));
const cutView = fc.oneof(view, fc.constant({ rect: { x1: -32, y1: -32, x2: 40, y2: 40 } }));

law(
  t,
  'they are those of the tiles that the view showed at the cursor, while others commit',
  [anyChain, cutView, zoom, fc.nat(), fc.nat()],
  ({ base, states, commits }, v, k, i, j) => {
    const now = i % states.length;
    const then = j % (now + 1);
    const history = new History(ENDLESS, base);
    for (const commit of commits.slice(0, now)) history.push(commit);
    const live = new LiveManifest(copyManifest(states[now]!));
    const manifest = new ManifestAt(live, history, commits[then - 1]?.cursor ?? base);
    const coming = commits.slice(now).values();
    const steps = digestsIn(manifest, v, { zoom: k, limit: Infinity });
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) {
      const { value: commit } = coming.next();
      if (commit) history.push(live.commit(commit));
      live.sweep().next();
    }
    const { tiles } = selected(states[then]!, v);
    assert.deepEqual(new Map(step.value), new Map(digestsOf(tiles, k)));
    assert.deepEqual(
      sumOf(step.value!.values()),
      digestOf(tiles),
      'together they are the digest of the view',
    );
  },
  500,
);

law(
  t,
  'whoever takes over the squares that differ has the same tiles',
  [manifests(nearKey), fc.array(fc.tuple(nearKey, fc.option(tile))), zoom],
  ({ tiles }, damage, k) => {
    const copy = new Map(tiles);
    for (const [key, damaged] of damage)
      if (damaged) copy.set(key, damaged);
      else copy.delete(key);
    const names = new Set(differing(digestsOf(copy, k), digestsOf(tiles, k)));
    for (const key of [...copy.keys(), ...tiles.keys()]) {
      if (!names.has(areaNameOf(key, k))) continue;
      const right = tiles.get(key);
      if (right) copy.set(key, right);
      else copy.delete(key);
    }
    const text = (of: typeof tiles) => canonical({ ...emptyManifest(), tiles: of });
    assert.equal(text(copy), text(tiles));
  },
);

t.test('more than the limit are not counted further', async (t) => {
  const start = emptyManifest();
  for (const key of ['0,0', '1,0', '32,0', '0,-1', '2147483647,-2147483648'])
    start.tiles.set(key, { brick: 'b', timestamp: 1, compositor: 'wall' });
  const { base, states } = chainOf(start, []);
  const digests = (limit: number) => {
    const manifest = new ManifestAt(new LiveManifest(states[0]), new History(ENDLESS, base), base);
    return finish(digestsIn(manifest, {}, { zoom: 5, limit }));
  };
  t.strictSame([...digests(4)!.keys()].sort(), ['0,-1', '0,0', '1,0', '67108863,-67108864']);
  t.equal(digests(3), undefined);
});

law(t, 'nothing differs from itself', [manifests(cellKey), zoom], ({ tiles }, k) => {
  assert.deepEqual(differing(digestsOf(tiles, k), digestsOf([...tiles].reverse(), k)), []);
});
