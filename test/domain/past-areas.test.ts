import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { areasOf } from '../../src/domain/area.ts';
import { History } from '../../src/domain/history.ts';
import { LiveAreas } from '../../src/domain/live-areas.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { ManifestAt } from '../../src/domain/manifest-at.ts';
import { pastAreas } from '../../src/domain/past-areas.ts';
import { copyManifest } from '../../src/domain/patch.ts';
import { finish } from '../../src/domain/steps.ts';
import { tileCounts } from '../../src/domain/tile-counts.ts';
import { overviewOf } from '../../src/domain/view.ts';
import { selected } from '../support/algebra.ts';
import { chains, view, type Chain } from '../support/arbitraries.ts';
import { law } from './law.ts';

const ENDLESS = { commits: Infinity, seconds: Infinity, bytes: Infinity };

/** A live manifest, and what its other users do to it while somebody reads it at a cursor. */
function read(chain: Chain, i: number, j: number) {
  const { base, states, commits } = chain;
  const to = i % states.length;
  const n = j % (to + 1);
  const history = new History(ENDLESS, base);
  for (const commit of commits.slice(0, to)) history.push(commit);
  const live = new LiveManifest(copyManifest(states[to]!));
  const areas = new LiveAreas(live);
  finish(areas.read());
  const coming = commits.slice(to).values();
  const others = (count: number) => {
    for (let left = count; left > 0; left--) {
      const { value: made } = coming.next();
      if (!made) return;
      const commit = live.commit(made);
      history.push(commit);
      areas.commit(commit);
      if (commit.withdraws !== undefined) finish(areas.sweep());
    }
    live.sweep().next();
  };
  const past = new ManifestAt(live, history, commits[n - 1]?.cursor ?? base);
  return { past, areas, others, then: states[n]! };
}

function result<T>(steps: Generator<void, T, undefined>, between: () => void): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    between();
  }
}

const byName = (entries: Iterable<readonly [string, unknown]>) =>
  JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

law(
  t,
  'past areas are those of the tiles of then, whatever is committed while they are read',
  [
    chains(undefined, 12),
    view,
    fc.integer({ min: 1, max: 16 }),
    fc.nat(),
    fc.nat(),
    fc.infiniteStream(fc.nat(2)),
  ],
  (chain, v, zoom, i, j, pauses) => {
    const { past, areas, others, then } = read(chain, i, j);
    const overview = overviewOf(v, zoom);
    const found = result(pastAreas(past, areas.areas!, overview, Infinity), () =>
      others(pauses.next().value),
    );
    assert.equal(byName(found), byName(areasOf(selected(then, overview).tiles, zoom)));
  },
  600,
);

// What went wrong: all areas of a large map were read before the answer said that they are too many.
law(
  t,
  'past areas end where there are too many of them',
  [chains(undefined, 12), view, fc.integer({ min: 1, max: 16 }), fc.nat(), fc.nat(), fc.nat(8)],
  (chain, v, zoom, i, j, most) => {
    const { past, areas, then } = read(chain, i, j);
    const overview = overviewOf(v, zoom);
    const steps = pastAreas(past, areas.areas!, overview, most);
    const all = areasOf(selected(then, overview).tiles, zoom);
    const found = finish(steps);
    assert.equal(found.size > most, all.size > most);
    if (all.size <= most) assert.equal(byName(found), byName(all));
    // Those of one square come together.
    else assert.ok(found.size <= most + 256, `${found.size} of ${all.size}`);
  },
);

law(
  t,
  'counts are those of the tiles of then, whatever is committed while they are read',
  [chains(undefined, 12), view, fc.nat(), fc.nat(), fc.infiniteStream(fc.nat(2))],
  (chain, v, i, j, pauses) => {
    const { past, others, then } = read(chain, i, j);
    const found = result(tileCounts(past, v), () => others(pauses.next().value));
    const wanted = new Map<string, number>();
    for (const { compositor } of selected(then, v).tiles.values())
      wanted.set(compositor, (wanted.get(compositor) ?? 0) + 1);
    assert.equal(byName(found), byName(wanted));
  },
);
