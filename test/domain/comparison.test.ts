import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { compare, type Differences } from '../../src/domain/comparison.ts';
import { copyManifest } from '../../src/domain/patch.ts';
import { finish } from '../../src/domain/steps.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { cellOf, sameTile } from '../../src/domain/tile.ts';
import { rectHas } from '../../src/domain/view.ts';
import { chains, rect } from '../support/arbitraries.ts';
import { law } from './law.ts';

const ALL = { rect: undefined, zoom: 0, most: Infinity };

law(
  t,
  'a comparison of two moments names the cells whose tiles differ, whatever happened in between',
  [chains(undefined, 12), fc.option(rect, { nil: undefined }), fc.nat(), fc.nat()],
  (chain, rectangle, i, j) => {
    const { states } = chain;
    const to = i % states.length;
    const from = j % (to + 1);
    const live = new LiveManifest(copyManifest(states[0]!));
    const commits = chain.commits.map((made) => live.commit(made));
    const { areas, total } = finish(compare(commits.slice(from, to), { ...ALL, rect: rectangle }));
    const wanted = new Map<string, string>();
    const [before, after] = [states[from]!.tiles, states[to]!.tiles];
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      if (rectangle && !rectHas(rectangle, cellOf(key))) continue;
      const [a, b] = [before.get(key), after.get(key)];
      if (!sameTile(a, b)) wanted.set(key, a ? (b ? 'changed' : 'removed') : 'added');
    }
    const kind = ({ added, changed }: Differences) => (added ? 'added' : changed ? 'changed' : 'removed');
    const sorted = (entries: Iterable<readonly [string, string]>) => JSON.stringify([...entries].sort());
    assert.equal(sorted([...areas].map(([key, each]) => [key, kind(each)] as const)), sorted(wanted));
    assert.equal(total.added + total.changed + total.removed, wanted.size);
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
    for (const { added, changed, removed } of few.areas.values()) count += added + changed + removed;
    assert.equal(count, exact.total.added + exact.total.changed + exact.total.removed);
  },
);
