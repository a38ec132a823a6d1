import assert from 'node:assert/strict';
import t from 'tap';
import { digestOf } from '../../src/domain/digest.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { emptyManifest, type Manifest } from '../../src/domain/patch.ts';
import { ViewDigest } from '../../src/domain/view-digest.ts';
import { overviewOf, viewHasTile, type View } from '../../src/domain/view.ts';
import { chains, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

function visible({ tiles }: Manifest, view: View) {
  return [...tiles].filter(([key, tile]) => viewHasTile(view, key, tile));
}

law(
  t,
  'it is that of the tiles in view, after every commit, whoever needs it when',
  [chains(), view],
  (chain, view) => {
    const live = new LiveManifest(chain.states[0]);
    const [always, once] = [new ViewDigest(view), new ViewDigest(view)];
    once.of(live);
    for (const commit of chain.commits) {
      const applied = live.commit(commit);
      always.take(applied);
      once.take(applied);
      assert.deepEqual(always.of(live), digestOf(visible(live.copy(), view)));
    }
    assert.deepEqual(once.of(live), digestOf(visible(live.copy(), view)));
  },
);

const tiles = new Map(
  Array.from(
    { length: 40 },
    (_, i) => [`${i * 3},0`, { brick: 'b', timestamp: i, compositor: 'wall' }] as const,
  ),
);
const rect = { x1: 1, y1: 0, x2: 100, y2: 0 };

t.test('it is not found when too many tiles have to be looked at', async (t) => {
  const live = new LiveManifest({ ...emptyManifest(), tiles });
  t.equal(live.digestIn({ rect }, 39), undefined);
  t.strictSame(live.digestIn({ rect }, 40), digestOf(visible({ ...emptyManifest(), tiles }, { rect })));
  t.strictSame(
    live.digestIn({ rect: { x1: 0, y1: 0, x2: 127, y2: 31 } }, 4),
    live.digest,
    'whole squares are one look each',
  );
});

t.test('an overview has none', async (t) => {
  const live = new LiveManifest({ ...emptyManifest(), tiles });
  t.equal(new ViewDigest(overviewOf({ rect }, 3)).of(live), undefined);
});
