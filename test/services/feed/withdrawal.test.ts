// The end of a compositor with very many tiles was planned, encoded and applied tile by tile in one turn, and for each reader again.
import t, { type Test } from 'tap';
import { WHOLE, type View } from '../../../src/domain/view.ts';
import type { Replica } from '../../../src/services/manifest/replica.ts';
import { selected } from '../../support/algebra.ts';
import { TestSink } from '../../support/test-sink.ts';
import { world, writes } from '../../support/world.ts';

const SIDE = 80;
const VIEWS: Record<string, View> = {
  'the whole map': WHOLE,
  'a part of it': { rect: { x1: 10, y1: 10, x2: 45, y2: 45 } },
  'a part far away': { rect: { x1: 500, y1: 500, x2: 600, y2: 600 } },
  'the giant': { compositors: new Set(['giant']) },
  'the other': { compositors: new Set(['other']) },
  'a part of the giant': { rect: { x1: 0, y1: 0, x2: 5, y2: 5 }, compositors: new Set(['giant']) },
};
/** How many more events the end of the giant is in each. */
const EVENTS = [1, 1, 1, 1, 0, 1];

function square(brick: string): Record<string, string> {
  const keys = Array.from({ length: SIDE * SIDE }, (_, i) => `${i % SIDE},${Math.floor(i / SIDE)}`);
  return Object.fromEntries(keys.map((key) => [key, brick]));
}

/** A giant, and another with tiles among and outside its own. */
async function withGiant(t: Test, options: Parameters<typeof world>[1] = {}) {
  const there = await world(t, options);
  await there.registry.register({ id: 'giant', name: 'giant' }, 'take');
  await there.registry.register({ id: 'other', name: 'other' }, 'take');
  await there.publisher.patch('giant', writes(square('brick'), 1000));
  await there.publisher.patch('other', writes({ '1,1': 'mine', '550,550': 'mine' }, 2000));
  return there;
}

function same(t: Test, sink: TestSink, replica: Replica, view: View, name: string): void {
  const truth = selected(replica.copy.manifest.copy(), view);
  t.strictSame(new Map([...sink.copy.tiles].sort()), new Map([...truth.tiles].sort()), name);
  t.strictSame(new Map([...sink.copy.compositors].sort()), new Map([...truth.compositors].sort()), name);
  t.strictSame(sink.copy.violations, [], name);
}

t.test('each view gets the end of a giant as one event, and its own tiles only', async (t) => {
  const { feed, registry, replica } = await withGiant(t);
  const sinks = Object.values(VIEWS).map((view) => new TestSink(view));
  for (const sink of sinks) sink.connect(feed);
  for (const sink of sinks) await sink.untilAt(replica.copy.head);
  const before = sinks.map((sink) => sink.copy.counts.patches);

  const { cursor, changed } = await registry.leave('giant');
  t.equal(changed, SIDE * SIDE, 'all its tiles but one, and itself');
  t.equal(replica.copy.manifest.tileCount, 2, 'gone at once, before anything was swept');
  for (const [i, sink] of sinks.entries())
    await sink.until(({ counts }) => counts.patches === before[i]! + EVENTS[i]!, 'its event');
  for (const [i, [name, view]] of Object.entries(VIEWS).entries()) {
    const { counts, cursor: at } = sinks[i]!.copy;
    same(t, sinks[i]!, replica, view, name);
    t.equal(counts.patches, before[i]! + EVENTS[i]!, name);
    t.equal(counts.snapshots, 1, name);
    if (EVENTS[i] === 1) t.equal(at, cursor, name);
  }
});

t.test('a reader in the middle of its snapshot, one that stands still, and one that was away', async (t) => {
  const { feed, registry, publisher, replica } = await withGiant(t);
  const [still, away, inSnapshot] = [new TestSink(WHOLE), new TestSink(WHOLE), new TestSink(WHOLE)];
  for (const sink of [still, away]) {
    sink.connect(feed);
    await sink.untilAt(replica.copy.head);
  }
  still.stick();
  away.cut();
  inSnapshot.stick();
  inSnapshot.connect(feed);
  await publisher.patch('other', writes({ '2,2': 'for the socket that stands still' }, 3000));

  await registry.leave('giant');
  await publisher.patch('other', writes({ '3,3': 'after' }, 4000));
  away.connect(feed);
  still.unstick();
  inSnapshot.unstick();
  for (const [sink, name] of [
    [still, 'still'],
    [away, 'away'],
    [inSnapshot, 'in its snapshot'],
  ] as const) {
    await sink.untilAt(replica.copy.head);
    same(t, sink, replica, WHOLE, name);
  }
});

t.test(
  'it comes back at once, and its old tiles neither come with it nor take the new ones away',
  async (t) => {
    const { feed, registry, publisher, replica, queries } = await withGiant(t);
    const sink = new TestSink(WHOLE);
    sink.connect(feed);
    await sink.untilAt(replica.copy.head);
    const before = replica.copy.head;
    await registry.leave('giant');
    await registry.register({ id: 'giant', name: 'giant' }, 'take');
    await publisher.patch('giant', writes({ '0,0': 'new', '4,4': 'new' }, 500));
    await sink.untilAt(replica.copy.head);
    same(t, sink, replica, WHOLE, 'once back');
    t.same([...replica.copy.manifest.tilesOf('giant')].sort(), ['0,0', '4,4']);

    // The sweep is over when nothing is left to take a step for.
    while (replica.copy.manifest.sweep().next().done !== true) await new Promise(setImmediate);
    same(t, sink, replica, WHOLE, 'after the sweep');
    const past = await queries.at(before);
    t.equal([...past.tiles(WHOLE)].length, SIDE * SIDE + 1, 'and the past has them all');
  },
);

t.test('the history counts what it keeps of a giant, and drops it as soon as it may', async (t) => {
  const { registry, replica } = await withGiant(t, { history: { bytes: 1_000_000 } });
  const before = replica.copy.head;
  t.ok(replica.copy.history.has(before));
  const { cursor } = await registry.leave('giant');
  t.ok(replica.copy.history.bytes > 2_000_000, 'the newest commit stays');
  await registry.register({ id: 'next', name: 'next' }, 'take');
  t.notOk(replica.copy.history.has(before));
  t.equal(replica.copy.history.base, cursor);
});
