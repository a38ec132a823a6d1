// FAILURES 5. Commit order is not fan-out order. Two replicas commit, and what happens reaches one of them late. No reader
// sees 8 before 7, and one that was at 8 on the fast replica and resumes on the slow one never skips 7.
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { Fleet } from '../replicas/fleet.ts';
import { hoppers } from '../replicas/hopping-reader.ts';
import { moreWrites, whileWriting, writers } from '../replicas/writer.ts';
import { Random } from '../simulation/random.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';

t.test('a replica that is 60 ms away from Redis, and one that is near', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t, { replicas: 1 });
  const far = await tcpProxy(t, fleet.redis.port);
  far.delay = 30;
  fleet.store = `redis://127.0.0.1:${far.port}`;
  await fleet.add();
  const random = new Random(51);
  const all = await writers(() => fleet.urls, random);
  const readers = await hoppers(t, () => fleet.urls, random, 12);
  const pace = await HttpPublisher.join(fleet.urls[0]!, 'pace');
  await whileWriting(all, readers, async () => {
    // Each reader hops at once after each commit that it has seen, so that it often comes before the commit does.
    await moreWrites(all, 60);
    for (let i = 0; i < 30; i++) {
      const cursor = await pace.patch({ '0,5': { brick: `step ${i}` } });
      await Promise.all(readers.map(({ reader }) => reader.untilCursor(cursor)));
      await Promise.all(readers.map((reader) => reader.hop()));
    }
  });
  const manifest = await fleet.allOne(readers);
  for (const writer of all) {
    writer.check(t, manifest);
    t.strictSame(writer.refusals, {}, 'the far replica is slower, not starved');
  }
  for (const { reader } of readers) t.equal(reader.counts.snapshots, 1);
});
