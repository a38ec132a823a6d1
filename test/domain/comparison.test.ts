import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { compare } from '../../src/domain/comparison.ts';
import type { Differences } from '../../src/domain/differences.ts';
import { sameCompositor } from '../../src/domain/compositor.ts';
import { copyManifest } from '../../src/domain/patch.ts';
import { finish } from '../../src/domain/steps.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { sameRegion, viewHasRegion } from '../../src/domain/region.ts';
import { sameTile } from '../../src/domain/tile.ts';
import { viewHasCompositor, viewHasTile, WHOLE } from '../../src/domain/view.ts';
import { chains, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

const ALL = { view: WHOLE, zoom: 0, most: Infinity, mostEntries: Infinity };

/** What became of each entry that `has` lets through, by its key. */
function changesBetween<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  { has, same }: { has: (key: string, entry: T) => boolean; same: (a: T, b: T) => boolean },
): [string, string][] {
  const seen = (entries: ReadonlyMap<string, T>, key: string) => {
    const entry = entries.get(key);
    return entry !== undefined && has(key, entry) ? entry : undefined;
  };
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((key): [string, string] => {
      const [a, b] = [seen(before, key), seen(after, key)];
      if (a && b) return [key, same(a, b) ? 'same' : 'changed'];
      return [key, a ? 'removed' : b ? 'added' : 'same'];
    })
    .filter(([, kind]) => kind !== 'same')
    .sort();
}

const sumOf = ({ added, changed, removed }: Differences) => added + changed + removed;

law(
  t,
  'a comparison of two moments names what in view differs, whatever happened in between',
  [chains(undefined, 12), view, fc.nat(), fc.nat()],
  (chain, seen, i, j) => {
    const { states } = chain;
    const to = i % states.length;
    const from = j % (to + 1);
    const live = new LiveManifest(copyManifest(states[0]!));
    const commits = chain.commits.map((made) => live.commit(made));
    const found = finish(compare(commits.slice(from, to), { ...ALL, view: seen }));
    const [before, after] = [states[from]!, states[to]!];
    const tiles = changesBetween(before.tiles, after.tiles, {
      has: (key, tile) => viewHasTile(seen, key, tile),
      same: sameTile,
    });
    const kind = ({ added, changed }: Differences) => (added ? 'added' : changed ? 'changed' : 'removed');
    assert.deepEqual([...found.areas].map(([key, each]) => [key, kind(each)]).sort(), tiles);
    assert.equal(sumOf(found.total), tiles.length);

    const fleet = changesBetween(before.compositors, after.compositors, {
      has: (id) => viewHasCompositor(seen, id),
      same: sameCompositor,
    });
    const regions = changesBetween(before.regions, after.regions, {
      has: (_, region) => viewHasRegion(seen, region),
      same: sameRegion,
    });
    for (const [{ items, total }, wanted] of [
      [found.fleet, fleet],
      [found.regions, regions],
    ] as const) {
      assert.deepEqual(items.map(({ id, kind }) => [id, kind]).sort(), wanted);
      assert.equal(sumOf(total), wanted.length);
      for (const { kind, fields } of items) assert.equal(fields.length > 0, kind === 'changed');
    }
  },
);

law(
  t,
  'a comparison of much has few areas, and counts the same',
  [chains(undefined, 12), fc.integer({ min: 1, max: 5 })],
  ({ states, ...chain }, most) => {
    const live = new LiveManifest(copyManifest(states[0]!));
    const commits = chain.commits.map((made) => live.commit(made));
    const exact = finish(compare(commits, ALL));
    const few = finish(compare(commits, { ...ALL, most }));
    assert.deepEqual(few.total, exact.total);
    assert.ok(few.areas.size <= most || few.zoom === 16);
    let count = 0;
    for (const each of few.areas.values()) count += sumOf(each);
    assert.equal(count, sumOf(exact.total));
    const named = finish(compare(commits, { ...ALL, mostEntries: most })).fleet;
    assert.deepEqual(named, { ...exact.fleet, items: exact.fleet.items.slice(0, most) });
  },
);
