import fc from 'fast-check';
import t from 'tap';
import { newRects } from '../../../src/domain/view-change.ts';
import { rectHas, type Rect, type View } from '../../../src/domain/view.ts';
import { FeedCounts } from '../../../src/services/feed/feed-counts.ts';
import { FEED_LIMITS } from '../../../src/services/feed/limits.ts';
import { Reader } from '../../../src/services/feed/reader.ts';
import { ViewGroup } from '../../../src/services/feed/view-group.ts';
import { TestSink } from '../../support/test-sink.ts';
import { world, writes } from '../../support/world.ts';

const noLoss = () => undefined;
const LEFT: View = { rect: { x1: 0, y1: 0, x2: 9, y2: 9 } };

// What goes wrong without the names of what was not sent: the tile is in both views, so it is not among the parts, and the commit is
// behind the cursor of the move, so no round brings it.
t.test('a commit that no round has brought when the view changes is not lost', async (t) => {
  const { replica, registry, publisher, clock } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  await publisher.patch('a', writes({ '5,5': 'both', '1,1': 'left', '12,5': 'right', '6,6': 'going' }));
  const sink = new TestSink(LEFT);
  const reader = new Reader(
    { stream: 's', owner: '', endsAt: Infinity, sink, group: new ViewGroup(LEFT, replica.overview, noLoss) },
    {
      replica,
      clock,
      limits: FEED_LIMITS,
      counts: new FeedCounts(),
      buffer: 2 ** 20,
      unsent: 0,
      isAlone: () => true,
      moveTo: (_, view) => new ViewGroup(view, replica.overview, noLoss),
    },
  );
  sink.copy.open();
  reader.start('initial');
  while (reader.advance());
  t.ok(reader.exact);
  await publisher.patch('a', writes({ '5,5': 'changed', '1,1': 'changed', '6,6': null }));
  reader.group.add(replica.copy.history.last!);
  reader.reAim({ view: '3,0,12,9' });
  while (reader.advance());
  t.equal(sink.copy.cursor, replica.copy.head);
  t.ok(sink.copy.exact);
  t.strictSame([...sink.copy.tiles].map(([key, { brick }]) => [key, brick]).sort(), [
    ['12,5', 'right'],
    ['5,5', 'changed'],
  ]);
  t.strictSame(sink.copy.violations, []);
});

t.test('the new rectangles hold each cell that is new exactly once, and no other', (t) => {
  const coordinate = fc.integer({ min: -6, max: 6 });
  const rect = fc.tuple(coordinate, coordinate, coordinate, coordinate).map(([a, b, c, d]): Rect => ({
    x1: Math.min(a, c),
    y1: Math.min(b, d),
    x2: Math.max(a, c),
    y2: Math.max(b, d),
  }));
  fc.assert(
    fc.property(rect, rect, (now, before) => {
      const parts = newRects({ rect: now }, { rect: before });
      for (let x = -7; x <= 7; x++)
        for (let y = -7; y <= 7; y++) {
          const isNew = rectHas(now, { x, y }) && !rectHas(before, { x, y });
          if (parts.filter((part) => rectHas(part, { x, y })).length !== (isNew ? 1 : 0)) return false;
        }
      return parts.length <= 4;
    }),
  );
  t.end();
});
