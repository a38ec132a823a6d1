// What happens to a Redis at night. Each time the log, /health, the metrics and the alerts name the cause, each by itself, and nothing that was
// answered 2xx is lost. redis-frozen.test.ts has one that stands still for a minute, redis-access.test.ts what was changed in its settings.
import t from 'tap';
import { send } from '../support/http-client.ts';
import { happens } from './incident.ts';
import { scene } from './redis-scene.ts';

const timeout = 180_000;

t.test('killed', { timeout }, async (t) => {
  const [daemon, redis] = await scene(t);
  await happens(t, {
    daemon,
    state: 'away',
    reason: 'unreachable',
    fault: () => redis.stop('SIGKILL'),
    mend: () => redis.restart(),
  });
});

for (const [what, reason, kind, setting, bad, good] of [
  ['full', 'full', 'store-full', 'maxmemory', '1mb', '0'],
  ['too few replicas', 'too-few-replicas', 'store-refuses-writes', 'min-replicas-to-write', '1', '0'],
] as const)
  t.test(what, { timeout }, async (t) => {
    const [daemon, redis] = await scene(t);
    const client = redis.client();
    await happens(t, {
      daemon,
      state: 'refusing',
      reason,
      fault: () => client.config('SET', setting, bad),
      meanwhile: async () => {
        const problem = (await send('PUT', `${daemon.url}/compositors/x`, { name: 'x' })).body;
        t.match(problem, { type: `/problems/${kind}`, reason });
        t.equal((await send('GET', `${daemon.url}/health/ready`)).status, 200, 'ready to be read');
        t.equal((await send('GET', `${daemon.url}/health/ready?for=writes`)).status, 503);
      },
      mend: () => client.config('SET', setting, good),
    });
  });

t.test('read-only: a failover has made it a replica', { timeout }, async (t) => {
  const [daemon, redis] = await scene(t);
  const client = redis.client();
  await happens(t, {
    daemon,
    state: 'refusing',
    reason: 'read-only',
    fault: () => client.replicaof('127.0.0.1', '1'),
    mend: () => client.replicaof('NO', 'ONE'),
  });
});
