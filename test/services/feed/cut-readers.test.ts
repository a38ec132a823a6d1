// What went wrong, with readers that are cut off inside what they are sent and go on with another replica:
// - A long catch-up came in parts. Between two, the last id is the one from before them, and a replica that was still
//   there called the reader exact, though it held newer tiles.
// - A snapshot's id was the cursor since which readers share it, older than what its reader had before: a replica that
//   lagged so far took that for all there is.
import t from 'tap';
import { WHOLE } from '../../../src/domain/view.ts';
import { TestSink } from '../../support/test-sink.ts';
import { world, writes } from '../../support/world.ts';

const many = (count: number, brick: string) =>
  writes(Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i},0`, brick.repeat(20)])));

t.test('a catch-up is one event with an id, however long', async (t) => {
  const { feed, registry, publisher, replica } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  await publisher.patch('a', many(5000, 'one'));
  const sink = new TestSink(WHOLE);
  sink.connect(feed);
  await sink.untilAt(replica.copy.head);
  sink.cut();
  const { parts } = sink.copy.counts;
  await publisher.patch('a', many(1500, 'two'));
  await publisher.patch('a', many(1500, 'three'));
  sink.connect(feed);
  await sink.untilAt(replica.copy.head);
  t.equal(sink.copy.counts.snapshots, 1, 'no snapshot');
  t.equal(sink.copy.counts.parts, parts, 'no parts');
  t.strictSame(sink.copy.violations, []);
});

t.test('the id of a shared snapshot is no older than what its reader had', async (t) => {
  const { feed, registry, publisher, replica } = await world(t, { stream: { buffer: 1 } });
  await registry.register({ name: 'a' }, 'take');
  new TestSink(WHOLE).connect(feed);
  const late = new TestSink(WHOLE);
  late.connect(feed);
  await late.untilAt(replica.copy.head);
  const { cursor } = await publisher.patch('a', writes({ '0,0': 'x' }));
  await late.untilAt(cursor);
  late.cut();
  await publisher.patch('a', writes({ '0,0': 'y' }));
  await publisher.patch('a', writes({ '1,0': 'y' }));
  const ids: (string | undefined)[] = [];
  late.connect(feed);
  await late.until((copy) => {
    if (copy.lastEventId?.includes('~')) ids.push(copy.lastEventId);
    return copy.exact && copy.cursor === replica.copy.head;
  }, 'exact');
  t.equal(ids[0], `${replica.copy.head}~`);
});
