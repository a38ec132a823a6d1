// What went wrong: a version of the file was compared with each that is known in one go, which held the event loop for as long as it was large.
import t from 'tap';
import type { FileTile } from '../../src/domain/file-tile.ts';
import { KnownVersions, type VersionOrigin } from '../../src/domain/known-versions.ts';
import { STEP } from '../../src/domain/steps.ts';

const COUNT = 20 * STEP;
const LOOKS = COUNT / STEP;

const tilesUpTo = (count: number): Map<string, FileTile> =>
  new Map(Array.from({ length: count }, (_, i) => [`${i},0`, { brick: 'b', timestamp: 1 }]));

/** Steps that it takes. */
function stepsOf(steps: Generator<void, void, undefined>): number {
  let count = 0;
  while (steps.next().done !== true) count += 1;
  return count;
}

function setAll(tiles: Map<string, FileTile>): VersionOrigin['changes'] {
  return [...tiles].map(([key, tile]) => ({ key, tile }));
}

t.test('each comparison takes steps', async (t) => {
  const known = new KnownVersions();
  const first = tilesUpTo(COUNT);
  const add = (tiles: Map<string, FileTile>, origin: Partial<VersionOrigin>) =>
    stepsOf(known.add(tiles, { from: [], writer: undefined, changes: [], ...origin }));
  const versionOf = (tiles: Map<string, FileTile>) => {
    const steps = known.explaining(tiles, () => false);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  };
  t.ok(add(first, { changes: setAll(first) }) >= LOOKS, 'what is new in it');
  const from = versionOf(first);
  t.equal(from.length, 1);
  const larger = new Map([...first, ['0,1', { brick: 'b', timestamp: 2 }] as const]);
  t.ok(add(larger, { from, changes: [] }) >= LOOKS, 'another that has it all');
  t.ok(add(new Map(first), { from }) >= 2 * LOOKS, 'the same once more: its keys, and its values');
  const [writer] = versionOf(larger);
  const smaller = new Map([...larger].slice(0, -1));
  const removed = [{ key: '0,1', tile: null }];
  t.ok(add(smaller, { writer, changes: removed }) >= 1);
  t.strictSame(
    versionOf(larger),
    [],
    'the version that its writer left behind, with what was removed, explains nothing any more',
  );
});
