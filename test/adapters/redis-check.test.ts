// What would keep a write out is found without writing, and named as Redis names it.
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { RedisStore } from '../../src/adapters/redis/redis-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { Author } from '../contract/author.ts';
import { stateOf, tilePatch } from '../contract/samples.ts';
import { startRedis } from '../support/redis-server.ts';
import { startError } from '../support/store-start.ts';
import { openRedis } from './redis-world.ts';

const USER = ['--user', 'app', 'on', '>pw', '~*', '&*', '+@all'];

async function openAs(t: Test, login: string, port: number): Promise<RedisStore> {
  const address = parseRedisAddress(`redis://${login}127.0.0.1:${port}`);
  const store = await RedisStore.open({ address, namespace: 'test', clock: new SystemClock() });
  t.teardown(() => store.close());
  return store;
}

const because = (reason: string) => ({ name: 'StoreUnreachable', reason });
const set = (redis: Redis, name: string, value: string) => redis.config('SET', name, value);

t.test('a server that would refuse a write', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  const store = await openRedis(t, server);
  const author = await Author.join(store);
  await author.write(tilePatch({ '0,0': 'a' }));
  t.equal(await store.check(), undefined);

  await set(redis, 'maxmemory', '1mb');
  await t.rejects(store.check(), { name: 'StoreUnreachable', reason: 'full', message: /OOM/ });
  await set(redis, 'maxmemory', '0');

  await set(redis, 'min-replicas-to-write', '1');
  await t.rejects(store.check(), { reason: 'too-few-replicas', message: /NOREPLICAS/ });
  await set(redis, 'min-replicas-to-write', '0');

  await redis.replicaof('127.0.0.1', '1');
  await t.rejects(store.check(), { reason: 'read-only', message: /READONLY/ });
  await redis.replicaof('NO', 'ONE');
  t.equal(await store.check(), undefined);

  await set(redis, 'maxmemory-policy', 'allkeys-lru');
  t.match(await store.check(), { reason: 'evicting', message: /allkeys-lru.*noeviction/ });
  await set(redis, 'maxmemory-policy', 'volatile-lru');
  t.equal(await store.check(), undefined, 'it evicts only what has an expiry, and tiles have none');
  t.equal(await store.head(), author.head, 'nothing was changed by a check');
});

t.test('a disk that takes no dump', async (t) => {
  const dir = t.testdir({ 'in-the-way.rdb': { file: '' } });
  const args = ['--save', '3600', '100000', '--enable-protected-configs', 'yes'];
  const server = await startRedis(t, { dir, args });
  const store = await openRedis(t, server);
  await (await Author.join(store)).write(tilePatch({ '0,0': 'a' }));
  const redis = server.client();
  await set(redis, 'dbfilename', 'in-the-way.rdb');
  await redis.bgsave();
  while (!(await redis.info('persistence')).includes('rdb_last_bgsave_status:err')) await setTimeout(20);
  await t.rejects(store.check(), { reason: 'not-saving', message: /MISCONF/ });
  await set(redis, 'dbfilename', 'dump.rdb');
});

// Redis runs a script command by command: one that lacked HSET had appended its commit to the log, and left the tiles as they were.
t.test('a right that is missing is named, and nothing is half done', async (t) => {
  const server = await startRedis(t, { args: USER });
  const redis = server.client();
  const store = await openAs(t, 'app:pw@', server.port);
  const author = await Author.join(store);
  await author.write(tilePatch({ '0,0': 'a' }));
  for (const command of ['xadd', 'xtrim', 'hset', 'hdel', 'zadd', 'zrem', 'set']) {
    await redis.call('ACL', 'SETUSER', 'app', `-${command}`);
    const missing = { reason: 'right-missing', message: new RegExp(command, 'i') };
    await t.rejects(store.check(), missing, command);
    await t.rejects(store.commit(author.plan([tilePatch({ '0,0': command })])), missing, command);
    await redis.call('ACL', 'SETUSER', 'app', `+${command}`);
  }
  t.equal(await store.head(), author.head);
  t.equal((await stateOf(store)).manifest.tiles.get('0,0')?.brick, 'a');
  await redis.call('ACL', 'SETUSER', 'app', 'resetkeys', '~other:*');
  for (const call of [(): Promise<unknown> => store.check(), () => store.head()])
    await t.rejects(call(), { reason: 'right-missing', message: /key.*: \{test\}:log/ });
  await redis.call('ACL', 'SETUSER', 'app', '~*', '-info');
  t.equal(await store.check(), undefined, 'INFO says only what may be lost');
  await redis.call('ACL', 'SETUSER', 'app', '-xrevrange');
  const unseen = { reason: 'right-missing', message: /xrevrange/i };
  await t.rejects(store.head(), unseen, 'inside of a script, too');
});

t.test('a start without a right names it', async (t) => {
  const server = await startRedis(t, { args: USER });
  const redis = server.client();
  for (const [rule, said] of [
    ['-info', /run the 'info' command/],
    ['-get', /run the 'get' command/],
    ['-spublish', /run the 'spublish' command/],
    // Several keys are asked for at once: whichever answer comes first is told.
    ['resetkeys', /key.*: \{test\}:\w+/],
    ['resetchannels', /channel.*: \{test\}:post:/],
  ] as const) {
    await redis.call('ACL', 'SETUSER', 'app', '~*', '&*', '+@all', rule);
    if (rule === 'resetkeys') await redis.call('ACL', 'SETUSER', 'app', 'resetkeys', '~other:*');
    const message = new RegExp(
      `^The [^\\n]*its access rules forbid what compositord needs: [^\\n]*${said.source}`,
    );
    const error = await startError(() => openAs(t, 'app:pw@', server.port));
    t.match(error, { name: 'Error', message }, rule);
  }
});

t.test('a server that is away says how', async (t) => {
  const server = await startRedis(t, { args: ['--requirepass', 'right'] });
  const store = await openAs(t, ':right@', server.port);
  server.freeze();
  await t.rejects(store.check(), because('frozen'));
  await t.rejects(store.head(), because('frozen'), 'a new connection, on which nobody answers either');
  server.thaw();
  await server.stop('SIGKILL');
  await t.rejects(store.head(), because('unreachable'));
  await server.restart(['--requirepass', 'another']);
  await until(t, store, 'password-wrong');
});

/** Asks until the store says `reason`: a connection that comes back takes its time. */
async function until(t: Test, store: RedisStore, reason: string): Promise<void> {
  let last: unknown;
  for (const late = performance.now() + 10_000; performance.now() < late; await setTimeout(20)) {
    last = await store.head().then(
      () => 'an answer',
      (error: unknown) => (error as { reason?: string }).reason,
    );
    if (last === reason) return;
  }
  t.equal(last, reason);
}
