import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { RedisStore } from '../../src/adapters/redis/redis-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openRedis } from '../../src/backend/redis-backend.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { Author } from '../contract/author.ts';
import { tilePatch } from '../contract/samples.ts';
import { eventually } from '../failures/eventually.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';
import { startRedis } from '../support/redis-server.ts';
import { headOf } from '../support/store-start.ts';
import { temporaryFolder } from '../support/daemon.ts';

const clock = new SystemClock();
const about = { namespace: 'test', clock };

t.test('a Unix socket, with a user, a password and the number of a database', async (t) => {
  const socket = join(await temporaryFolder(t), 'redis.sock');
  const user = ['--user', 'app', 'on', '>p/w', '~*', '&*', '+@all'];
  const server = await startRedis(t, { args: ['--unixsocket', socket, ...user] });
  const address = parseRedisAddress(`unix://app:p%2Fw@${socket}?db=2`);
  const backend = await openRedis({ address, ...about, log: loud });
  t.teardown(() => closeBackend(backend));
  const author = await Author.join(backend.store);
  await author.write(tilePatch({ '0,0': 'a' }));
  const redis = server.client();
  await redis.select(2);
  t.equal(await redis.xlen('{test}:log'), 1);
  await eventually(
    () => backend.nodes.all.some(({ host, port }) => host === '127.0.0.1' && port === server.port),
    'its port is known all the same, so that no compositor is there',
    60_000,
  );
  t.notMatch((await backend.store.describe()).where, /p%2Fw/);

  await server.stop('SIGKILL');
  await t.rejects(backend.store.head(), { name: 'StoreUnreachable' });
  await server.restart();
  await eventually(
    () =>
      backend.store.head().then(
        () => true,
        () => false,
      ),
    'it is back at its socket',
    60_000,
  );
});

t.test('a password in a file may be replaced while the daemon runs', async (t) => {
  const file = join(await temporaryFolder(t), 'password');
  writeFileSync(file, 'old\n');
  const server = await startRedis(t, { args: ['--user', 'app', 'on', '>old', '~*', '&*', '+@all'] });
  const address = parseRedisAddress(`redis://app:@127.0.0.1:${server.port}`);
  const store = await RedisStore.open({ address, access: { passwordFile: file }, ...about });
  t.teardown(() => store.close());
  t.equal(await headOf(store), GENESIS);

  const redis = server.client();
  await redis.call('ACL', 'SETUSER', 'app', '>new', '<old');
  writeFileSync(file, 'new\n');
  await redis.call('CLIENT', 'KILL', 'USER', 'app');
  await eventually(
    () =>
      store.head().then(
        () => true,
        () => false,
      ),
    'the next connection has the new one',
    60_000,
  );
});

t.test('no socket there, or one that may not be used, is named', async (t) => {
  const path = join(await temporaryFolder(t), 'absent.sock');
  const store = await RedisStore.open({ address: parseRedisAddress(`unix://${path}`), ...about });
  t.teardown(() => store.close());
  await t.rejects(store.head(), { name: 'StoreUnreachable', message: new RegExp(`ENOENT ${path}`) });
});
