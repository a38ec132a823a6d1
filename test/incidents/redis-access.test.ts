// Somebody changes what the daemon may do on a Redis, or what Redis may do: as in redis.test.ts.
import t from 'tap';
import { KEEPS_ALL } from '../replicas/fleet.ts';
import { send } from '../support/http-client.ts';
import { happens } from './incident.ts';
import { scene } from './redis-scene.ts';

const timeout = 180_000;

t.test('its password was changed', { timeout }, async (t) => {
  const password = (value: string) => [...KEEPS_ALL, '--requirepass', value];
  const [daemon, redis] = await scene(t, { args: password('right'), login: ':right@' });
  await happens(t, {
    daemon,
    state: 'away',
    reason: 'password-wrong',
    // While it is started again.
    first: { state: 'away', reason: 'unreachable' },
    fault: async () => {
      await redis.stop();
      await redis.restart(password('another'));
    },
    mend: async () => {
      await redis.stop();
      await redis.restart(password('right'));
    },
  });
});

t.test('a right was removed', { timeout }, async (t) => {
  const user = ['--user', 'app', 'on', '>pw', '~*', '&*', '+@all'];
  const [daemon, redis] = await scene(t, { args: [...KEEPS_ALL, ...user], login: 'app:pw@' });
  const client = redis.client();
  await happens(t, {
    daemon,
    state: 'refusing',
    reason: 'right-missing',
    fault: () => client.call('ACL', 'SETUSER', 'app', '-hset'),
    meanwhile: async () => {
      const { store } = (await send('GET', `${daemon.url}/health`)).body;
      t.match(store.lastError, /HSET/, 'which one');
    },
    mend: () => client.call('ACL', 'SETUSER', 'app', '+hset'),
  });
});

t.test('its eviction policy was changed', { timeout }, async (t) => {
  const [daemon, redis] = await scene(t);
  const client = redis.client();
  await happens(t, {
    daemon,
    state: 'at-risk',
    reason: 'evicting',
    fault: () => client.config('SET', 'maxmemory-policy', 'allkeys-lru'),
    meanwhile: async () => {
      t.equal((await send('PUT', `${daemon.url}/compositors/x`, { name: 'x', ttl: 3600 })).status, 201);
      t.match((await send('GET', `${daemon.url}/health`)).body, { status: 'warn' });
    },
    mend: () => client.config('SET', 'maxmemory-policy', 'noeviction'),
  });
});
