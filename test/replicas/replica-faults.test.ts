// A replica is killed or stands still while compositors write through both and readers hop. What was answered 2xx is there
// in the end, every copy is exact, and the replicas and Redis are one.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { Random } from '../simulation/random.ts';
import { Fleet } from './fleet.ts';
import { hoppers } from './hopping-reader.ts';
import { under } from './under.ts';
import { moreWrites, whileWriting, writers } from './writer.ts';

t.test('a replica is killed with SIGKILL and comes back, five times', { timeout: 60_000 }, async (t) => {
  await under(t, { seed: 11 }, async ({ fleet, all, random }) => {
    for (let i = 0; i < 5; i++) {
      const victim = random.pick(fleet.daemons);
      await delay(random.between(0, 20));
      await victim.stop('SIGKILL');
      await moreWrites(all, 5);
      await fleet.add(victim.port);
    }
  });
});

t.test('a replica is frozen past every timeout', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t);
  const random = new Random(12);
  const [frozen, other] = fleet.daemons as [(typeof fleet.daemons)[0], (typeof fleet.daemons)[0]];
  // A proxy takes a replica that does not answer out of its list: the writers go to the other one.
  let urls = fleet.urls;
  const all = await writers(() => urls, random);
  const readers = await hoppers(t, () => urls, random);
  await whileWriting(all, readers, async () => {
    await moreWrites(all, 20);
    urls = [other.url];
    frozen.signal('SIGSTOP');
    t.teardown(() => frozen.signal('SIGCONT'));
    const thawAt = performance.now() + 12_000;
    while (performance.now() < thawAt) await moreWrites(all, 20);
    frozen.signal('SIGCONT');
    urls = fleet.urls;
    await moreWrites(all, 40);
  });
  const manifest = await fleet.allOne(readers);
  for (const writer of all) writer.check(t, manifest);
  for (const { reader } of readers) t.equal(reader.counts.snapshots, 1);
});
