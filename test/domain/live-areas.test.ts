import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { areasOf } from '../../src/domain/area.ts';
import { LiveAreas } from '../../src/domain/live-areas.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { copyManifest, type Manifest } from '../../src/domain/patch.ts';
import { finish } from '../../src/domain/steps.ts';
import { cellKey, chainOf, change, manifests } from '../support/arbitraries.ts';
import { law } from './law.ts';

function agrees(live: LiveAreas, manifest: Manifest, zoom: number): void {
  const sorted = (areas: Iterable<readonly [string, unknown] | undefined>) =>
    JSON.stringify([...areas].filter((each) => each !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)));
  assert.equal(sorted(live.areas!.areasIn({ zoom })), sorted(areasOf(manifest.tiles, zoom)));
}

law(
  t,
  'areas that are read while commits come are those of the manifest',
  [
    manifests(cellKey),
    fc.array(fc.tuple(change(cellKey), fc.nat(4)), { maxLength: 12 }),
    fc.integer({ min: 1, max: 16 }),
  ],
  (start, changes, zoom) => {
    const { commits, states } = chainOf(
      start,
      changes.map(([each]) => each),
    );
    const manifest = new LiveManifest(copyManifest(start));
    const live = new LiveAreas(manifest);
    const reading = live.read();
    const before = live.areas;
    assert.equal(before, undefined);
    for (const [i, commit] of commits.entries()) {
      for (let steps = changes[i]![1]; steps > 0; steps--) reading.next();
      live.commit(manifest.commit(commit));
      if (commit.withdraws !== undefined) finish(live.sweep());
      if (live.areas) agrees(live, states[i + 1]!, zoom);
    }
    finish(reading);
    agrees(live, states.at(-1)!, zoom);
  },
);
