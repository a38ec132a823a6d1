// Redis is killed, stands still, is full, or takes no writes, while compositors write through two replicas and readers hop.
// What was answered 2xx is there in the end, every copy is exact, and the replicas and Redis are one.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { KEEPS_ALL } from './fleet.ts';
import { BOUND, under } from './under.ts';
import { moreWrites } from './writer.ts';

t.test('Redis is killed and restarted three times', { timeout: 60_000 }, async (t) => {
  const all = await under(t, { seed: 13, redis: { args: KEEPS_ALL } }, async ({ fleet, all, random }) => {
    for (let i = 0; i < 3; i++) {
      await delay(random.between(0, 20));
      await fleet.redis.stop('SIGKILL');
      await fleet.redis.restart();
      await moreWrites(all, 10);
    }
  });
  // None needs to be refused: a Redis that is back soon is waited for.
  for (const { slowest } of all) t.ok(slowest < BOUND, `${slowest} ms`);
});

t.test('Redis stands still for 10 s', { timeout: 60_000 }, async (t) => {
  const all = await under(t, { seed: 14 }, async ({ fleet }) => {
    fleet.redis.freeze();
    t.teardown(() => fleet.redis.thaw());
    await delay(10_000);
    fleet.redis.thaw();
  });
  for (const { slowest } of all) t.ok(slowest < BOUND, `${slowest} ms`);
});

t.test('Redis runs out of memory, and becomes read-only', { timeout: 60_000 }, async (t) => {
  const all = await under(t, { seed: 15 }, async ({ fleet, all }) => {
    for (const [setting, bad, good, kind] of [
      ['maxmemory', '1mb', '0', 'store-full'],
      ['min-replicas-to-write', '1', '0', 'store-refuses-writes'],
    ] as const) {
      const refused = () => all.every(({ refusals }) => (refusals[kind] ?? 0) > before);
      const before = Math.max(...all.map(({ refusals }) => refusals[kind] ?? 0));
      await fleet.client.config('SET', setting, bad);
      while (!refused()) await delay(20);
      await fleet.client.config('SET', setting, good);
      await moreWrites(all, 10);
    }
    const before = all.map(({ acknowledged }) => acknowledged.length);
    await fleet.client.replicaof('127.0.0.1', '1');
    await delay(1500);
    await fleet.client.replicaof('NO', 'ONE');
    t.ok(
      all.every(({ acknowledged }, i) => acknowledged.length <= before[i]! + 2),
      'a copy takes no writes',
    );
  });
  for (const { slowest } of all) t.ok(slowest < BOUND, `${slowest} ms`);
});
