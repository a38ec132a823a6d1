import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { History } from '../../src/domain/history.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { ManifestAt } from '../../src/domain/manifest-at.ts';
import { copyManifest } from '../../src/domain/patch.ts';
import { selected } from '../support/algebra.ts';
import { canonical, chains, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

law(
  t,
  'shows each view as it was at each cursor, each entry once',
  [chains(), view, fc.nat()],
  (chain, v, i) => {
    const { base, states, commits } = chain;
    const history = new History({ commits: Infinity, seconds: Infinity, bytes: Infinity }, base);
    for (const commit of commits) history.push(commit);
    const n = i % states.length;
    const cursor = commits[n - 1]?.cursor ?? base;
    const manifest = new ManifestAt(
      new LiveManifest(copyManifest(states.at(-1)!)),
      cursor,
      0,
      history.undoTo(cursor),
    );
    const [tiles, compositors] = [[...manifest.tiles(v)], [...manifest.compositors(v)]];
    const seen = { compositors: new Map(compositors), tiles: new Map(tiles) };
    assert.equal(canonical(seen), canonical(selected(states[n]!, v)));
    assert.deepEqual([seen.tiles.size, seen.compositors.size], [tiles.length, compositors.length]);
  },
);

law(t, 'with nothing undone it is the live one', [chains(), view], (chain, v) => {
  const live = new LiveManifest(copyManifest(chain.states.at(-1)!));
  const manifest = new ManifestAt(live, '1-01234567', 0);
  assert.deepEqual([...manifest.tiles(v)], [...live.visibleTiles(v)]);
  assert.deepEqual([...manifest.compositors(v)], [...live.visibleCompositors(v)]);
});
