import t from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import type { History } from '../../src/domain/history.ts';
import { Author } from '../contract/author.ts';
import { logText, mapText, tilePatch } from '../contract/samples.ts';
import { storeContract } from '../contract/store.ts';
import { startRedis } from '../support/redis-server.ts';
import { openRedis, redisWorlds } from './redis-world.ts';

// Almost every commit is kept in parts here, and almost every part holds one tile.
storeContract(t, 'the Redis store with everything in parts', redisWorlds(t, { tiles: 0, chars: 1 }));

const COUNT = 25_000;
const keyOf = (i: number) => `${i % 500},${Math.floor(i / 500)}`;
const all = (brick: string | null) =>
  tilePatch(Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [keyOf(i), brick])));

t.test('a large commit is a small entry, and its parts go with it', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  const author = await Author.join(await openRedis(t, server));
  const other = await Author.join(await openRedis(t, server));
  await author.write(tilePatch({ '0,0': 'a' }));
  t.equal(await redis.get('{test}:format'), '1', 'an older program reads what has no parts');
  await author.write(all('b'));
  t.equal(await redis.get('{test}:format'), '2');
  const [[, entry]] = (await redis.xrevrange('{test}:log', '+', '-', 'COUNT', 1)) as [[string, string[]]];
  t.ok(entry.join('').length < 1000, 'reading the head costs nothing');
  const before = mapText(author.manifest.copy());

  await other.catchUp();
  t.equal(mapText(other.manifest.copy()), before);
  const held = (history: History) => logText([...history.between(history.base)]);
  t.equal(held(other.history), held(author.history), 'with its undo');
  const loaded = await (await openRedis(t, server)).load();
  t.equal(mapText(loaded.manifest), before);
  t.equal(logText(loaded.log), held(author.history));

  await author.write(all(null));
  t.equal((await author.store.load()).manifest.tiles.size, 0);
  t.equal(await redis.zcard('{test}:parts'), 2);
  await author.send(author.plan([tilePatch({ '1,1': 'c' })], { keepFrom: Number.MAX_SAFE_INTEGER }));
  t.same(
    (await redis.keys('*')).sort(),
    ['{test}:format', '{test}:log', '{test}:tiles'],
    'the log forgets the parts with their commits',
  );
});

t.test('whoever made it ends before all of it is in the hash', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  // Once another client loads, once another one commits.
  for (const how of ['load', 'commit']) {
    await redis.flushall();
    const first = await Author.join(await openRedis(t, server));
    const second = await Author.join(await openRedis(t, server));
    await first.write(all('b'));
    await second.catchUp();
    await first.write(all(null));
    await first.store.close();
    t.equal(await redis.exists('{test}:pending'), 1, 'something is left to do');
    await second.catchUp();
    if (how === 'commit') await second.write(tilePatch({ '0,0': 'c', '7,7': 'd' }));
    const state = await (await openRedis(t, server)).load();
    t.equal(mapText(state.manifest), mapText(second.manifest.copy()), how);
    t.equal(await redis.exists('{test}:pending'), 0);
  }
});

t.test('what was staged is lost before the commit: nothing is done', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  const author = await Author.join(await openRedis(t, server));
  // Each staged list is gone as soon as it is there, as after a failover to a copy that lags.
  const stop = new AbortController();
  const emptying = (async () => {
    while (!stop.signal.aborted) {
      const staged = await redis.keys('{test}:parts:*');
      if (staged.length > 0) await redis.del(staged);
    }
  })();
  await t.rejects(author.send(author.plan([all('b')])), { name: 'StoreUnreachable' });
  stop.abort();
  await emptying;
  t.equal(await author.store.head(), GENESIS);
  await author.write(all('c'));
  t.equal((await author.store.load()).manifest.tiles.size, COUNT);
});

t.test('a refill puts a large commit back', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  await author.write(all('b'), tilePatch({ '0,0': null }));
  const state = await author.store.load();
  await server.client().flushall();
  t.equal(await author.store.refill(state), true);
  const again = await (await openRedis(t, server)).load();
  t.equal(mapText(again.manifest), mapText(state.manifest));
  t.equal(logText(again.log), logText(state.log));
});
