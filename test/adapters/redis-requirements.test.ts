import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import t from 'tap';
import { RedisStore } from '../../src/adapters/redis/redis-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import { StoreUnreachable } from '../../src/domain/store.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { freePort } from '../support/free-port.ts';
import { startRedis } from '../support/redis-server.ts';
import { stateOf } from '../contract/samples.ts';

const clock = new SystemClock();
const open = (address: string, namespace = 'test') =>
  RedisStore.open({ address: parseRedisAddress(address), namespace, clock });
const oneLine = (about: RegExp) => ({
  name: 'Error',
  message: new RegExp(`^The [^\\n]*${about.source}[^\\n]*\\.$`),
});

t.test('passwords', async (t) => {
  const { port } = await startRedis(t, { args: ['--requirepass', 'right'] });
  await t.rejects(open(`redis://127.0.0.1:${port}`), oneLine(/it requires a password/));
  const wrong = open(`redis://:wrong@127.0.0.1:${port}`);
  await t.rejects(wrong, oneLine(/it refuses the user or the password/));
  await wrong.catch((error: unknown) => t.notMatch(String(error), 'wrong@'));
  await t.rejects(
    open(`redis://unknown:right@127.0.0.1:${port}`),
    oneLine(/it refuses the user or the password/),
  );
  const store = await open(`redis://:right@127.0.0.1:${port}`);
  t.equal(await store.head(), GENESIS);
  await store.close();
});

t.test('a user without the rights that are needed', async (t) => {
  const server = await startRedis(t, { args: ['--user', 'weak', 'on', '>pw', '~other:*', '+@all'] });
  await t.rejects(open(`redis://weak:pw@127.0.0.1:${server.port}`), oneLine(/its access rules forbid/));
});

t.test('a database that is not there: never another one instead', async (t) => {
  const { url } = await startRedis(t);
  await t.rejects(open(`${url}/999`), oneLine(/it has no database of that number.*`databases`/));
});

t.test('something that is not Redis', async (t) => {
  const http = createHttpServer((_, res) => res.end('hello'));
  const port = await freePort();
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  t.teardown(() => http.close());
  await t.rejects(open(`redis://127.0.0.1:${port}`), oneLine(/what answers there is not a Redis/));
});

t.test('a format that this program does not know', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  for (const format of ['5', '999', 'x', '']) {
    await redis.set('{test}:format', format);
    await t.rejects(
      open(server.url),
      oneLine(/\{test\}:format says .* knows only 4: use the newer compositord/),
    );
  }
  await redis.set('{test}:format', '2');
  await t.rejects(open(server.url), oneLine(/\{test\}:format says "2", which no release wrote/));
  await redis.set('{test}:format', '1');
  const store = await open(server.url);
  t.teardown(() => store.close());
  await redis.set('{test}:format', '5');
  await t.rejects(stateOf(store), oneLine(/knows only 4/), 'nor when it comes while a store is open');
  const batch = { expect: GENESIS, commits: [], grants: [], drops: [], expired: [], keepFrom: 0 };
  await t.rejects(store.commit(batch), { name: 'Error', message: /^A newer compositord has taken over/ });
});

t.test('keys of another program', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  for (const name of ['log', 'tiles', 'compositors', 'regions', 'leases', 'turn', 'withdrawn', 'format']) {
    await redis.flushall();
    await redis.rpush(`{test}:${name}`, 'x');
    const about = new RegExp(`its key \\{test\\}:${name} is a list, not a`);
    await t.rejects(open(server.url), oneLine(about));
    const other = await open(server.url, 'other');
    t.equal(await other.head(), GENESIS, 'another namespace is another store');
    await other.close();
  }
});

t.test('a Redis that may throw entries away', async (t) => {
  const { url } = await startRedis(t, { args: ['--maxmemory-policy', 'allkeys-lru'] });
  await t.rejects(open(url), oneLine(/maxmemory-policy is allkeys-lru.*set it to noeviction/));
});

t.test('a namespace that would not be one', async (t) => {
  for (const namespace of ['', 'a b', '{a}', 'a:b', '*', '-a', 'é', 'a\n', 'x'.repeat(65)])
    await t.rejects(
      open('redis://127.0.0.1:1', namespace),
      oneLine(/namespace .* is not 1 to 64 letters/),
      namespace,
    );
});

t.test('a Redis that is merely away is waited for', async (t) => {
  const port = await freePort();
  const store = await open(`redis://127.0.0.1:${port}`);
  t.teardown(() => store.close());
  const begun = performance.now();
  await t.rejects(stateOf(store), StoreUnreachable);
  await t.rejects(store.head(), StoreUnreachable);
  t.ok(performance.now() - begun < 30_000, 'once Redis is known to be away, a call does not wait');
  await startRedis(t, { port });
  for (;;) {
    const head = await store.head().catch(() => undefined);
    if (head === GENESIS) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.match(await stateOf(store), { head: GENESIS, log: [] });
});

t.test('a server that takes connections and says nothing is away', async (t) => {
  const silent = createServer((socket) => socket.resume());
  const port = await freePort();
  silent.listen(port, '127.0.0.1');
  await once(silent, 'listening');
  const store = await open(`redis://127.0.0.1:${port}`);
  t.teardown(async () => {
    await store.close();
    silent.close();
  });
  const begun = performance.now();
  await t.rejects(store.head(), StoreUnreachable);
  t.ok(performance.now() - begun < 30_000, 'and does not wait for ever');
});
