import { isDeepStrictEqual } from 'node:util';
import t, { type Test } from 'tap';
import type { CheckedCopy } from '../../../src/conformance/checked-copy.ts';
import { areasOf } from '../../../src/domain/area.ts';
import { isWhole, overviewOf, viewText, WHOLE, type View } from '../../../src/domain/view.ts';
import type { Replica } from '../../../src/services/manifest/replica.ts';
import { selected } from '../../support/algebra.ts';
import { TestSink } from '../../support/test-sink.ts';
import { world, writes } from '../../support/world.ts';

const near = { x1: 0, y1: 0, x2: 9, y2: 9 };
const VIEWS: Record<string, View> = {
  'all at zoom 1': overviewOf(WHOLE, 1),
  'all at zoom 3': overviewOf(WHOLE, 3),
  'all at zoom 16': overviewOf(WHOLE, 16),
  'a part': overviewOf({ rect: near }, 3),
  'a part far away': overviewOf({ rect: { x1: 500, y1: 500, x2: 600, y2: 600 } }, 5),
  'one compositor': overviewOf({ compositors: new Set(['a']) }, 4),
  'a part of one': overviewOf({ rect: near, compositors: new Set(['b']) }, 2),
};

/** The client's areas are those that whoever holds the tiles computes, and no event broke a rule. */
function same(t: Test, sink: TestSink, replica: Replica, view: View, name = ''): void {
  const truth = selected(replica.copy.manifest.copy(), view);
  t.strictSame(
    new Map([...sink.copy.areas].sort()),
    new Map([...areasOf(truth.tiles, view.zoom!)].sort()),
    name,
  );
  t.strictSame(new Map([...sink.copy.compositors].sort()), new Map([...truth.compositors].sort()), name);
  t.equal(sink.copy.tiles.size, 0, name);
  t.strictSame(sink.copy.violations, [], name);
}

/** A view that a commit does not touch hears nothing of it: it is exact at an older cursor. */
async function untilSame(t: Test, sinks: readonly TestSink[], replica: Replica): Promise<void> {
  for (const [i, [name, view]] of Object.entries(VIEWS).entries()) {
    const isSame = ({ areas, compositors, exact }: CheckedCopy) => {
      const truth = selected(replica.copy.manifest.copy(), view);
      const expected = [areasOf(truth.tiles, view.zoom!), truth.compositors];
      return exact && isDeepStrictEqual([areas, compositors], expected);
    };
    await sinks[i]!.until(isSame, `the areas of ${name}`);
    same(t, sinks[i]!, replica, view, name);
  }
}

const square = (side: number, brick = 'brick') =>
  Object.fromEntries(
    Array.from({ length: side * side }, (_, i) => [`${i % side},${Math.floor(i / side)}`, brick]),
  );

async function withTwo(t: Test, options: Parameters<typeof world>[1] = {}) {
  const there = await world(t, options);
  await there.registry.register({ id: 'a', name: 'a' }, 'take');
  await there.registry.register({ id: 'b', name: 'b' }, 'take');
  await there.publisher.patch('a', writes(square(20), 1000));
  await there.publisher.patch('b', writes({ '-1,-1': 'b', '550,550': 'b', '1,1': 'b' }, 2000));
  return there;
}

t.test('each overview gets a snapshot, and each commit that changes its areas as one event', async (t) => {
  const { feed, publisher, replica } = await withTwo(t);
  const sinks = Object.values(VIEWS).map((view) => new TestSink(view));
  for (const sink of sinks) sink.connect(feed);
  await untilSame(t, sinks, replica);
  await publisher.patch('a', writes({ '0,0': null, '7,7': 'newer', '560,560': 'far' }, 3000));
  await publisher.patch('b', writes({ '2,2': 'taken', '-1,-1': null }, 4000));
  await untilSame(t, sinks, replica);
  for (const { copy } of sinks) t.equal(copy.counts.snapshots, 1);
});

t.test('a reader that is away or does not read gets the newest values in one event', async (t) => {
  const { feed, publisher, replica } = await withTwo(t);
  const view = VIEWS['all at zoom 3']!;
  const [away, slow] = [new TestSink(view), new TestSink(view)];
  for (const sink of [away, slow]) {
    sink.connect(feed);
    await sink.untilAt(replica.copy.head);
  }
  away.cut();
  slow.stick();
  for (let i = 0; i < 20; i++)
    await publisher.patch('a', writes({ [`${i},0`]: null, [`0,${i}`]: `brick-${i}` }, 3000 + i));
  away.connect(feed);
  slow.unstick();
  for (const sink of [away, slow]) {
    await sink.untilAt(replica.copy.head);
    same(t, sink, replica, view);
    t.equal(sink.copy.counts.snapshots, 1);
    t.ok(sink.copy.counts.patches <= 2, 'what was missed is one event');
  }
});

t.test('a snapshot of very many areas comes in parts, and what changes meanwhile after them', async (t) => {
  const { feed, publisher, replica } = await withTwo(t);
  for (let row = 0; row < 4; row++)
    await publisher.patch(
      'a',
      writes(
        Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`${2 * i},${2 * row - 100}`, 'x'])),
        1000,
      ),
    );
  const view = VIEWS['all at zoom 1']!;
  const sink = new TestSink(view);
  sink.stick();
  sink.connect(feed);
  await replica.overview.ready();
  const changed = await publisher.patch('a', writes({ '0,-100': null, '2,-100': 'y', '9000,0': 'z' }, 5000));
  sink.unstick();
  await sink.untilAt(changed.cursor);
  t.ok(sink.copy.counts.parts > 2);
  same(t, sink, replica, view);
});

t.test('the end of a giant, and more changes at once than are looked at, lead to a snapshot', async (t) => {
  const { feed, registry, publisher, replica } = await withTwo(t);
  await registry.register({ id: 'giant', name: 'giant' }, 'take');
  for (let part = 0; part < 3; part++)
    await publisher.patch(
      'giant',
      writes(
        Object.fromEntries(
          Array.from({ length: 8000 }, (_, i) => [
            `${i % 200},${100 + 40 * part + Math.floor(i / 200)}`,
            'g',
          ]),
        ),
        1000,
      ),
    );
  const sinks = Object.values(VIEWS).map((view) => new TestSink(view));
  for (const sink of sinks) sink.connect(feed);
  for (const sink of sinks) await sink.untilAt(replica.copy.head);
  const all = sinks[1]!.copy.counts;
  t.equal(all.snapshots, 1);
  await registry.leave('giant');
  await publisher.patch('b', writes({ '3,3': 'after' }, 6000));
  await untilSame(t, sinks, replica);
  t.equal(all.snapshots, 2);
});

t.test('a stream moves between tiles and areas, and from one size of areas to another', async (t) => {
  const { feed, publisher, replica } = await withTwo(t);
  const sink = new TestSink(WHOLE);
  sink.connect(feed);
  await sink.untilAt(replica.copy.head);
  for (const [change, expected] of [
    [{ zoom: 4 }, overviewOf(WHOLE, 4)],
    [{ zoom: 2, view: '0,0,9,9' }, overviewOf({ rect: near }, 2)],
    [{ view: '5,5,30,30' }, overviewOf({ rect: { x1: 5, y1: 5, x2: 30, y2: 30 } }, 2)],
  ] as const) {
    feed.reAim(sink.copy.stream!, '', change);
    const { cursor } = await publisher.patch('a', writes({ '6,6': JSON.stringify(change) }, 9000));
    const there = () => sink.copy.exact && sink.copy.cursor === cursor;
    await sink.until(({ view }) => viewText(view) === viewText(expected) && there(), JSON.stringify(change));
    same(t, sink, replica, expected, JSON.stringify(change));
  }
  feed.reAim(sink.copy.stream!, '', { zoom: 0, view: null });
  await sink.until(({ view, exact }) => exact && isWhole(view), 'the whole map');
  t.strictSame(new Map([...sink.copy.tiles].sort()), new Map([...replica.copy.manifest.copy().tiles].sort()));
  t.equal(sink.copy.areas.size, 0);
  t.strictSame(sink.copy.violations, []);
});
