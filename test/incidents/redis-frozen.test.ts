// Redis stands still for a minute, by the clock on the wall: longer than every wait of ours for it, than the claims on connections (9 s), than the
// time after which a replica would no longer fill an emptied store (10 s), and than the lease of a compositor that renews (15 s).
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { KEEPS_ALL } from '../replicas/fleet.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startRedis } from '../support/redis-server.ts';
import { happens } from './incident.ts';

const MINUTE = 60_000;
const TTL = 15;

t.test('frozen for a minute', { timeout: 280_000 }, async (t) => {
  const redis = await startRedis(t, { args: KEEPS_ALL });
  t.teardown(() => redis.thaw());
  const daemon = await startDaemon(t, { store: redis.url, args: ['--log-level=warn'] });
  const { url } = daemon;
  const { body } = await send('PUT', `${url}/compositors/wall`, { name: 'Wall', ttl: TTL });
  const generation = (body as { lease: { generation: string } }).lease.generation;
  const renew = () =>
    send('PUT', `${url}/compositors/wall/lease`, undefined, { 'Lease-Generation': generation });
  const renewing = setInterval(() => void renew().catch(() => undefined), 3000);
  t.teardown(() => clearInterval(renewing));
  const reader = new ConformanceClient({ url });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until(({ copy }) => copy.exact);
  await happens(t, {
    daemon,
    state: 'away',
    reason: 'frozen',
    fault: () => redis.freeze(),
    meanwhile: async () => {
      const ends = performance.now() + MINUTE;
      while (performance.now() < ends) {
        const problem = (await send('PUT', `${url}/compositors/x`, { name: 'x' })).body;
        t.match(problem, {
          type: /store-unavailable|outcome-unknown/,
          detail: /does not answer|did not say/,
        });
        t.match(await send('GET', `${url}/manifest`), { status: 200, body: { compositors: { wall: {} } } });
        t.equal((await send('GET', `${url}/health/live`)).status, 200);
        t.equal((await send('GET', `${url}/health/ready`)).status, 503);
        await delay(1000);
      }
    },
    mend: () => redis.thaw(),
  });
  t.match((await send('GET', `${url}/manifest`)).body, {
    compositors: { wall: { generation, status: 'registered' } },
  });
  t.equal((await renew()).status, 200, 'whoever could not renew has lost nothing');
  const { headers } = await send('PATCH', `${url}/compositors/wall/tiles`, { '9,9': { brick: 'after' } });
  await reader.untilCursor(headers.get('manifest-cursor')!, 60_000);
  await sameAsManifest(t, reader, url);
  t.match(reader.counts, { snapshots: 1, byes: 0 }, 'its stream lasted');
});
