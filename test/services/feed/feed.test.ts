import t from 'tap';
import type { Test } from 'tap';
import { WHOLE, type View } from '../../../src/domain/view.ts';
import type { Replica } from '../../../src/services/manifest/replica.ts';
import { selected } from '../../support/algebra.ts';
import { TestSink } from '../../support/test-sink.ts';
import { world, writes } from '../../support/world.ts';

/** The sink's client holds exactly what the replica shows in `view`, and was never lied to on the way. */
function same(t: Test, sink: TestSink, replica: Replica, view: View = WHOLE): void {
  const truth = selected(replica.copy.manifest.copy(), view);
  t.strictSame(new Map([...sink.copy.tiles].sort()), new Map([...truth.tiles].sort()));
  t.strictSame(new Map([...sink.copy.compositors].sort()), new Map([...truth.compositors].sort()));
  t.strictSame(sink.copy.violations, []);
}

t.test('a new reader gets a snapshot, then each commit as one event with an id', async (t) => {
  const { feed, registry, publisher, replica } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  await publisher.patch('a', writes({ '0,0': 'one', '1,0': 'two' }));
  const sink = new TestSink(WHOLE);
  sink.connect(feed);
  await sink.untilAt(replica.copy.head);
  t.equal(sink.copy.counts.snapshots, 1);
  t.equal(sink.copy.counts.patches, 0);
  const { cursor } = await publisher.patch('a', writes({ '0,0': null, '5,5': 'three' }));
  await sink.untilAt(cursor);
  t.equal(sink.copy.counts.patches, 1);
  same(t, sink, replica);
});

t.test('a reader that comes back with a good id gets one composed patch and no snapshot', async (t) => {
  const { feed, registry, publisher, replica } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  const sink = new TestSink(WHOLE);
  sink.connect(feed);
  await sink.untilAt(replica.copy.head);
  sink.cut();
  for (let i = 0; i < 50; i++) await publisher.patch('a', writes({ '0,0': `brick-${i}`, [`${i},1`]: 'x' }));
  sink.connect(feed);
  await sink.untilAt(replica.copy.head);
  t.equal(sink.copy.counts.snapshots, 1);
  t.equal(sink.copy.counts.patches, 1);
  same(t, sink, replica);
});

t.test('views: a commit outside is silent, a tile taken over by an owner outside is removed', async (t) => {
  const { feed, registry, publisher, replica } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  await registry.register({ name: 'b' }, 'take');
  const near: View = { rect: { x1: 0, y1: 0, x2: 9, y2: 9 } };
  const ofA: View = { compositors: new Set(['a']) };
  const both: View = { ...near, ...ofA };
  const views = [near, ofA, both];
  const sinks = views.map((view) => new TestSink(view));
  for (const sink of sinks) sink.connect(feed);
  for (const sink of sinks) await sink.untilAt(replica.copy.head);
  await publisher.patch('a', writes({ '100,100': 'far' }, 1000));
  await publisher.patch('b', writes({ '500,500': 'farther' }, 1000));
  await publisher.patch('a', writes({ '1,1': 'near', '2,2': 'near' }, 1000));
  const { cursor } = await publisher.patch('b', writes({ '1,1': 'mine', '100,100': 'mine' }, 2000));
  for (const sink of sinks) await sink.untilAt(cursor);
  views.forEach((view, i) => same(t, sinks[i]!, replica, view));
  t.equal(sinks[0]!.copy.counts.patches, 2, 'the rectangle saw two commits, not four');
  await registry.leave('a');
  for (const sink of sinks) await sink.untilAt(replica.copy.head);
  views.forEach((view, i) => same(t, sinks[i]!, replica, view));
});

t.test('a map of many parts arrives whole, nearest the centre first, while it changes', async (t) => {
  const { feed, registry, publisher, replica } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  for (let band = 0; band < 4; band++) {
    const tiles: Record<string, string> = {};
    for (let i = 0; i < 5000; i++)
      tiles[`${(i % 100) - 50},${Math.floor(i / 100) + band * 50 - 100}`] = 'brick'.repeat(8);
    await publisher.patch('a', writes(tiles));
  }
  const sink = new TestSink(WHOLE);
  sink.stick();
  sink.connect(feed);
  // Each release lets one frame through; commits go on in between.
  for (let i = 0; i < 30; i++) {
    sink.unstick();
    sink.stick();
    await publisher.patch(
      'a',
      writes({ [`${i - 50},-100`]: null, [`${i},0`]: `new-${i}`, [`${1000 + i},0`]: 'far' }),
    );
  }
  sink.unstick();
  await sink.untilAt(replica.copy.head);
  t.ok(sink.copy.counts.parts > 10, 'in parts');
  t.equal(sink.copy.counts.snapshots, 1);
  same(t, sink, replica);
});

t.test(
  'FAILURES 10: a reader that never reads costs what its view shows, and converges when it wakes',
  async (t) => {
    const { feed, registry, publisher, replica } = await world(t);
    await registry.register({ name: 'a' }, 'take');
    const stuck = new TestSink(WHOLE);
    const healthy = new TestSink(WHOLE);
    for (const sink of [stuck, healthy]) sink.connect(feed);
    for (const sink of [stuck, healthy]) await sink.untilAt(replica.copy.head);
    stuck.stick();
    let last = Promise.resolve({ cursor: '' });
    for (let i = 0; i < 20_000; i++) {
      last = publisher.patch('a', writes({ [`${i % 25},${Math.floor(i / 25) % 20}`]: `brick-${i}` }));
      if (i % 500 === 499) await last;
    }
    const { cursor } = await last;
    await healthy.untilAt(cursor);
    t.ok(stuck.backlog < 256 * 1024, `${stuck.backlog} bytes were queued for the one that does not read`);
    stuck.unstick();
    await stuck.untilAt(cursor);
    t.equal(stuck.copy.tiles.size, 500);
    same(t, stuck, replica);
    same(t, healthy, replica);
  },
);

t.test(
  'a reader stuck inside a snapshot while tiles come and go for ever starts over instead of growing',
  async (t) => {
    const { feed, registry, publisher, replica } = await world(t);
    await registry.register({ name: 'a' }, 'take');
    const stuck = new TestSink(WHOLE);
    stuck.stick();
    stuck.connect(feed);
    for (let i = 0; i < 5; i++) {
      const tiles = Object.fromEntries(Array.from({ length: 900 }, (_, k) => [`${k},${i}`, 'x']));
      await publisher.patch('a', writes(tiles));
      await publisher.put('a', new Map(), undefined);
    }
    stuck.unstick();
    await stuck.untilAt(replica.copy.head);
    same(t, stuck, replica);
  },
);

t.test(
  'FAILURES 8: quiet views get bookmarks as the history passes, and never before their data',
  async (t) => {
    const { feed, registry, publisher, replica } = await world(t, { history: { commits: 40, seconds: 0 } });
    await registry.register({ name: 'a' }, 'take');
    const quiet: View = { rect: { x1: 1000, y1: 1000, x2: 1010, y2: 1010 } };
    const views = [quiet, WHOLE];
    const sinks = views.map((view) => new TestSink(view));
    for (const sink of sinks) sink.connect(feed);
    for (const sink of sinks) await sink.untilAt(replica.copy.head);
    for (let i = 0; i < 400; i++) await publisher.patch('a', writes({ '0,0': `brick-${i}` }));
    await sinks[0]!.until(
      (copy) => replica.copy.history.has(copy.cursor!),
      'the cursor of a view in which nothing happens stays within the history',
    );
    t.equal(sinks[0]!.copy.counts.patches, 0);
    t.ok(sinks[0]!.copy.counts.synced > 5);
    await sinks[1]!.untilAt(replica.copy.head);
    views.forEach((view, i) => same(t, sinks[i]!, replica, view));
  },
);

t.test(
  'FAILURES 9: a slow filtered reader that falls out of the history gets a gap and its region',
  async (t) => {
    const { feed, registry, publisher, replica } = await world(t, { history: { commits: 20, seconds: 0 } });
    await registry.register({ name: 'a' }, 'take');
    const region: View = { rect: { x1: 0, y1: 0, x2: 9, y2: 9 } };
    const sink = new TestSink(region);
    sink.connect(feed);
    await sink.untilAt(replica.copy.head);
    sink.stick();
    for (let i = 0; i < 100; i++)
      await publisher.patch('a', writes({ [`${i % 10},0`]: `b-${i}`, [`${i},50`]: 'x' }));
    sink.unstick();
    await sink.untilAt(replica.copy.head);
    t.equal(sink.copy.counts.snapshots, 2);
    same(t, sink, replica, region);
  },
);

t.test('stop says bye to each with a time of its own, and takes nobody in any more', async (t) => {
  const { feed, replica } = await world(t);
  const sinks = Array.from({ length: 20 }, () => new TestSink(WHOLE));
  for (const sink of sinks) sink.connect(feed);
  for (const sink of sinks) await sink.untilAt(replica.copy.head);
  feed.stop('shutdown');
  for (const sink of sinks) t.match(sink, { ended: true, copy: { bye: 'shutdown' } });
  t.ok(new Set(sinks.map((sink) => sink.copy.retry)).size > 10, 'retries are spread');
  t.equal(feed.readers, 0);
  const late = new TestSink(WHOLE);
  late.connect(feed);
  t.match(late, { ended: true, copy: { bye: 'shutdown' } });
});

t.test('more readers than the limit get 200, bye, and the end', async (t) => {
  const { feed, replica } = await world(t, { stream: { maxReaders: 1 } });
  const [first, second] = [new TestSink(WHOLE), new TestSink(WHOLE)];
  first.connect(feed);
  await first.untilAt(replica.copy.head);
  second.connect(feed);
  t.match(second, { ended: true, copy: { bye: 'overloaded' } });
  first.cut();
  t.equal(feed.readers, 0);
});
