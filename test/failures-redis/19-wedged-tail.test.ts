// FAILURES 19. A wedged tail. The connections of a replica to Redis are cut in the middle of their XREAD, with and without a
// word; the next commit, which another replica takes, must be seen within 2 s each time.
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { Fleet } from '../replicas/fleet.ts';
import { Random } from '../simulation/random.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';

const ROUNDS = 60;
/** Milliseconds; what a busy machine adds to 2 s included. */
const SOON = 3000;

t.test(`cut ${ROUNDS} times`, { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t, { replicas: 1 });
  const line = await tcpProxy(t, fleet.redis.port);
  fleet.store = `redis://127.0.0.1:${line.port}`;
  const cut = await fleet.add();
  const wall = await HttpPublisher.join(fleet.urls[0]!, 'wall');
  const reader = new ConformanceClient({ url: cut.url });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.untilCursor(wall.cursor);
  const random = new Random(19);
  let slowest = 0;
  for (let i = 0; i < ROUNDS; i++) {
    // The quiet ways cost the watchdog's second each.
    const how = i % 12 === 0 ? 'nothing' : i % 12 === 6 ? 'replies' : random.pick(['rst', 'fin'] as const);
    if (how === 'nothing') line.swallow();
    else if (how === 'replies') line.swallowReplies();
    else line.cut(how);
    const begun = performance.now();
    await reader.untilCursor(await wall.patch({ '0,0': { brick: `${how} ${i}` } }));
    slowest = Math.max(slowest, performance.now() - begun);
  }
  t.ok(slowest < SOON, `seen within ${slowest} ms`);
  t.equal(reader.counts.connections, 1, 'its stream stayed open');
  t.equal(reader.counts.snapshots, 1);
  t.strictSame(reader.copy.violations, []);
  await fleet.allOne();
});
