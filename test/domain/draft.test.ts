import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Draft } from '../../src/domain/draft.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import type { ManifestReader } from '../../src/domain/manifest-reader.ts';
import { copyManifest, diff, isEmptyPatch, type Manifest } from '../../src/domain/patch.ts';
import type { Rect } from '../../src/domain/view.ts';
import { applied, difference, inverse } from '../support/algebra.ts';
import { canonical, CELL_KEYS, change, cellKey, manifests, OWNERS, patches } from '../support/arbitraries.ts';
import { law } from './law.ts';

function agrees(draft: ManifestReader, live: ManifestReader, keys: Iterable<string>): void {
  assert.deepEqual(draft.digest, live.digest);
  assert.deepEqual(draft.usage, live.usage);
  for (const id of [...OWNERS, 'nobody']) {
    assert.equal(draft.compositor(id), live.compositor(id));
    assert.deepEqual(draft.usageOf(id), live.usageOf(id));
    assert.deepEqual(draft.holdings(id), live.holdings(id));
    for (const rect of [undefined, { x1: -40, y1: -40, x2: 40, y2: 40 }])
      assert.deepEqual([...draft.tilesOf(id, rect)].sort(), [...live.tilesOf(id, rect)].sort());
  }
  const regions = (reader: ManifestReader, rect?: Rect) =>
    [...reader.regionsIn(rect)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const rect of [undefined, { x1: -40, y1: -40, x2: 40, y2: 40 }, { x1: 0, y1: 0, x2: 0, y2: 0 }])
    assert.deepEqual(regions(draft, rect), regions(live, rect));
  for (const [id] of live.regionsIn()) assert.deepEqual(draft.region(id), live.region(id));
  for (const key of keys) assert.deepEqual(draft.tile(key), live.tile(key));
  const entries = (reader: ManifestReader) => [...reader.compositors()].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(entries(draft), entries(live));
}

const run = fc.array(change(), { maxLength: 6 });
const liveOf = (manifest: Manifest) => new LiveManifest(copyManifest(manifest));

law(
  t,
  'is to each reader what the live manifest will be',
  [manifests(cellKey), run, fc.nat()],
  (start, changes, n) => {
    const base = liveOf(start);
    const later = liveOf(start);
    let draft = new Draft(base);
    for (const [i, change] of changes.entries()) {
      // A draft on a draft: a batch planned while the one before it is on its way.
      if (i === n % changes.length) draft = new Draft(draft);
      const now = later.copy();
      if (typeof change === 'string') {
        draft.withdraw(change);
        later.withdraw(change);
      } else {
        const undo = draft.apply(change);
        later.apply(change);
        assert.equal(canonical(undo), canonical(inverse(now, change)));
      }
      agrees(draft, later, [...CELL_KEYS, ...now.tiles.keys(), ...later.copy().tiles.keys()]);
    }
    assert.equal(canonical(base.copy()), canonical(start), 'and the live one is as it was');
  },
);

law(t, 'its undo leads back', [manifests(cellKey), patches(cellKey), patches(cellKey)], (start, p, q) => {
  const draft = new Draft(liveOf(start));
  draft.apply(p);
  const before = applied(start, p);
  const undo = draft.apply(q);
  draft.apply(undo);
  agrees(draft, liveOf(before), [...CELL_KEYS, ...before.tiles.keys(), ...q.tiles.keys()]);
});

law(
  t,
  'the diff on a draft is what the patch changes, and no more',
  [manifests(cellKey), patches(cellKey), patches(cellKey)],
  (start, p, q) => {
    const draft = new Draft(liveOf(start));
    draft.apply(p);
    const before = applied(start, p);
    const after = applied(before, q);
    assert.equal(canonical(diff(draft, q)), canonical(difference(before, after)));
    draft.apply(q);
    const again = diff(draft, structuredClone(q));
    assert.ok(isEmptyPatch(again), 'the same again changes nothing');
  },
);
