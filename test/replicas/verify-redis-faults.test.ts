// `compositord verify` through faults of a real Redis that keeps its data: what the README promises is kept in all.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { KEEPS_ALL } from './fleet.ts';
import { kept, through } from './kept.ts';

/** A replica ends a lease only after one whole TTL in touch with the store: an outage delays that. */
const LATE = ['leases'];

t.test('killed and restarted', { timeout: 60_000 }, async (t) => {
  const run = await through(t, { redis: { args: KEEPS_ALL } }, async ({ redis }) => {
    await redis.stop('SIGKILL');
    await redis.restart();
  });
  kept(t, run, LATE);
});

t.test('at a standstill for three seconds', { timeout: 60_000 }, async (t) => {
  const run = await through(t, {}, async ({ redis }) => {
    redis.freeze();
    await delay(3000);
    redis.thaw();
  });
  kept(t, run, LATE);
});

t.test('out of memory, and then a copy that takes no writes', { timeout: 60_000 }, async (t) => {
  const run = await through(t, {}, async ({ client }) => {
    await client.config('SET', 'maxmemory', '1mb');
    await delay(1000);
    await client.config('SET', 'maxmemory', '0');
    await client.replicaof('127.0.0.1', '1');
    await delay(1000);
    await client.replicaof('NO', 'ONE');
  });
  kept(t, run, LATE);
});
