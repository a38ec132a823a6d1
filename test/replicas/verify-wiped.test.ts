// `compositord verify` on a real Redis that loses its data. While a replica remembers, what the README promises is kept; when none does,
// what was acknowledged is lost, and verify says so.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { temporaryFolder } from '../support/daemon.ts';
import type { Fleet } from './fleet.ts';
import { kept, through } from './kept.ts';

/**
 * The leases were in Redis, and who holds which link: whoever had a lease gets a full TTL again, and a replica that has not
 * sent a command to a link finds it when its holder next renews.
 */
const LATE = ['leases', 'links'];

t.test('emptied under its replicas', { timeout: 60_000 }, async (t) => {
  const run = await through(t, {}, async ({ client }) => {
    await client.flushall();
  });
  kept(t, run, LATE);
});

t.test('restored from an older dump', { timeout: 60_000 }, async (t) => {
  const dir = await temporaryFolder(t);
  const run = await through(t, { redis: { dir } }, async ({ client, redis }) => {
    await client.save();
    await copyFile(join(dir, 'dump.rdb'), join(dir, 'old.rdb'));
    await delay(500);
    await redis.stop('SIGKILL');
    await redis.restart(['--dbfilename', 'old.rdb']);
  });
  kept(t, run, LATE);
});

t.test('emptied while no replica lives: verify says what was lost', { timeout: 60_000 }, async (t) => {
  const run = await through(t, {}, async (fleet: Fleet) => {
    for (const daemon of fleet.daemons) await daemon.stop('SIGKILL');
    await fleet.client.flushall();
    for (const { port } of [...fleet.daemons]) await fleet.add(port);
  });
  t.equal(run.code, 1, JSON.stringify(run.report.promises));
  t.ok(run.named('broken').length > 0);
});
