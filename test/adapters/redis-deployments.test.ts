import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { RedisStore } from '../../src/adapters/redis/redis-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import type { Store } from '../../src/domain/store.ts';
import { Author } from '../contract/author.ts';
import { stateOf, tilePatch } from '../contract/samples.ts';
import { freePort } from '../support/free-port.ts';
import { startRedis } from '../support/redis-server.ts';
import { startSentinel } from '../support/redis-sentinel.ts';

async function open(t: Test, address: string): Promise<RedisStore> {
  const store = await RedisStore.open({
    address: parseRedisAddress(address),
    namespace: 'test',
    clock: new SystemClock(),
  });
  t.teardown(() => store.close());
  return store;
}

t.test('a sentinel names the master, and after a failover the new one', async (t) => {
  const primary = await startRedis(t);
  const replica = await startRedis(t, { args: ['--replicaof', '127.0.0.1', String(primary.port)] });
  const sentinel = await startSentinel(t, primary.port);
  const author = await Author.join(await open(t, `redis+sentinel://127.0.0.1:${sentinel.port}/mymaster`));
  await author.write(tilePatch({ '0,0': 'a' }));
  await primary.client().wait(1, 10_000);
  const client = sentinel.client();
  while (!String(await client.call('SENTINEL', 'REPLICAS', 'mymaster')).includes(String(replica.port)))
    await setTimeout(50);
  await primary.stop('SIGKILL');
  await back(author.store);
  await author.catchUp();
  await retried(() => author.write(tilePatch({ '0,0': 'b' })));
  t.equal(await replica.client().xlen('{test}:log'), 2);
  t.match(await replica.client().role(), ['master']);
  t.equal((await stateOf(author.store)).head, author.head);
});

t.test('no sentinel answers: away, and soon', async (t) => {
  const store = await open(t, `redis+sentinel://127.0.0.1:${await freePort()}/mymaster`);
  const begun = performance.now();
  await t.rejects(store.head(), { name: 'StoreUnreachable' });
  t.ok(performance.now() - begun < 30_000);
});

t.test('a cluster is served by the node that owns the slot, also when that changes', async (t) => {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const [a, b] = [await startRedis(t, { args }), await startRedis(t, { args })];
  const [one, two] = [a.client(), b.client()];
  const slot = Number(await one.call('CLUSTER', 'KEYSLOT', '{test}:log'));
  await one.call('CLUSTER', 'MEET', '127.0.0.1', b.port, b.busPort);
  const ids = [await one.call('CLUSTER', 'MYID'), await two.call('CLUSTER', 'MYID')];
  if (slot > 0) await one.call('CLUSTER', 'ADDSLOTSRANGE', 0, slot - 1);
  await one.call('CLUSTER', 'ADDSLOTSRANGE', slot + 1, 16383);
  await two.call('CLUSTER', 'ADDSLOTS', slot);
  for (const node of [one, two])
    while (!String(await node.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await setTimeout(50);
  const misled = RedisStore.open({
    address: parseRedisAddress(a.url),
    namespace: 'test',
    clock: new SystemClock(),
  });
  await t.rejects(misled, {
    name: 'Error',
    message: /it is a node of a cluster: use redis\+cluster:\/\/\.$/,
  });

  const author = await Author.join(await open(t, `redis+cluster://127.0.0.1:1,127.0.0.1:${a.port}`));
  const state = await (async () => {
    await author.write(tilePatch({ '0,0': 'a' }));
    return stateOf(author.store);
  })();
  t.equal(await two.xlen('{test}:log'), 1);

  // The slot goes to the other node, empty: what was a store there is to be refilled here.
  await two.flushall();
  for (const node of [one, two]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(ids[0]));
  await back(author.store);
  t.equal(await author.store.head(), GENESIS);
  t.equal(await author.store.refill(state), true);
  await author.write(tilePatch({ '1,0': 'b' }));
  t.equal(await one.xlen('{test}:log'), 2);
});

async function back(store: Store): Promise<void> {
  await retried(() => store.head());
}

async function retried(act: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const done = await act().then(
      () => true,
      () => false,
    );
    if (done) return;
    await setTimeout(50);
  }
}
