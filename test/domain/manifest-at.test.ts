import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import { History } from '../../src/domain/history.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { ManifestAt, type TileGroup } from '../../src/domain/manifest-at.ts';
import { copyManifest, emptyManifest, emptyPatch } from '../../src/domain/patch.ts';
import { HistoryTrimmed } from '../../src/domain/rewind.ts';
import { finish } from '../../src/domain/steps.ts';
import type { Tile } from '../../src/domain/tile.ts';
import { selected } from '../support/algebra.ts';
import { canonical, chainOf, chains, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

const ENDLESS = { commits: Infinity, seconds: Infinity, bytes: Infinity };

law(
  t,
  'shows each view as it was at each cursor, each entry once',
  [chains(), view, fc.nat()],
  (chain, v, i) => {
    const { base, states, commits } = chain;
    const history = new History(ENDLESS, base);
    for (const commit of commits) history.push(commit);
    const n = i % states.length;
    const cursor = commits[n - 1]?.cursor ?? base;
    const manifest = new ManifestAt(new LiveManifest(copyManifest(states.at(-1)!)), history, cursor);
    const [tiles, compositors] = [[...manifest.tiles(v)], [...manifest.compositors(v)]];
    const regions = [...manifest.regions(v)];
    const seen = { compositors: new Map(compositors), tiles: new Map(tiles), regions: new Map(regions) };
    assert.equal(canonical(seen), canonical(selected(states[n]!, v)));
    assert.deepEqual(
      [seen.tiles.size, seen.compositors.size, seen.regions.size],
      [tiles.length, compositors.length, regions.length],
    );
  },
);

law(t, 'with nothing undone it is the live one', [chains(), view], (chain, v) => {
  const live = new LiveManifest(copyManifest(chain.states.at(-1)!));
  const manifest = new ManifestAt(live, new History(ENDLESS), GENESIS);
  assert.deepEqual([...manifest.tiles(v)], [...live.visibleTiles(v)]);
  assert.deepEqual([...manifest.compositors(v)], [...live.visibleCompositors(v)]);
  assert.deepEqual([...manifest.regions(v)], [...live.visibleRegions(v)]);
});

/** Each group is read when it comes. */
function* tilesOf(groups: Iterable<TileGroup>): Generator<(readonly [string, Tile])[]> {
  for (const { blocks, tiles } of groups)
    yield [...blocks.flatMap((block) => [...block.entries()]), ...tiles];
}

/** Cells in a few squares, so that every group has several and commits meet them before and after they are read. */
const nearKey = fc
  .tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -2, max: 2 }))
  .map(([x, y]) => `${x},${y}`);

law(
  t,
  'stays as it was at its cursor while commits are applied between its groups, and before it is read',
  [
    fc.oneof(chains(undefined, 20), chains(nearKey, 20)),
    view,
    fc.nat(),
    fc.nat(),
    fc.infiniteStream(fc.nat(2)),
  ],
  (chain, v, i, j, pauses) => {
    const { base, states, commits } = chain;
    const to = i % states.length;
    const n = j % (to + 1);
    const history = new History(ENDLESS, base);
    for (const commit of commits.slice(0, to)) history.push(commit);
    const live = new LiveManifest(copyManifest(states[to]!));
    const coming = commits.slice(to).values();
    /** What other requests do while this one waits. */
    const others = () => {
      for (let left = pauses.next().value; left > 0; left--) {
        const { value: commit } = coming.next();
        if (!commit) return;
        history.push(live.commit(commit));
      }
      live.sweep().next();
    };
    const manifest = new ManifestAt(live, history, commits[n - 1]?.cursor ?? base);
    const catchUp = () => {
      const steps = manifest.catchUp();
      while (steps.next().done !== true) others();
    };
    others();
    const seen = emptyManifest();
    let entries = 0;
    const read = (groups: Iterable<Iterable<readonly [string, unknown]>>, into: Map<string, unknown>) => {
      catchUp();
      for (const group of groups) {
        for (const [name, value] of group) {
          into.set(name, value);
          entries += 1;
        }
        others();
        catchUp();
      }
    };
    read(manifest.compositorGroups(v), seen.compositors);
    read([manifest.regions(v)], seen.regions);
    read(tilesOf(manifest.tileGroups(v)), seen.tiles);
    assert.equal(canonical(seen), canonical(selected(states[n]!, v)));
    assert.equal(seen.tiles.size + seen.compositors.size + seen.regions.size, entries, 'each entry once');
  },
  1000,
);

t.test('says so when the history was trimmed before it was read', async (t) => {
  const { base, states, commits } = chainOf(
    emptyManifest(),
    Array.from({ length: 9 }, () => emptyPatch()),
  );
  const history = new History({ commits: 2, seconds: 0, bytes: Infinity }, base);
  const live = new LiveManifest(copyManifest(states[0]!));
  const manifest = new ManifestAt(live, history, base);
  for (const commit of commits) {
    history.push(commit);
    live.apply(commit.patch);
  }
  t.equal([...manifest.tiles({})].length, 0);
  const late = new ManifestAt(live, history, history.base);
  history.trim(Infinity);
  t.throws(() => finish(late.catchUp()), HistoryTrimmed);
});
