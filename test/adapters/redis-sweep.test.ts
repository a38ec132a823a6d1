import t, { type Test } from 'tap';
import { keysOf } from '../../src/adapters/redis/keys.ts';
import { loadState } from '../../src/adapters/redis/load.ts';
import { RedisConnection } from '../../src/adapters/redis/redis-connection.ts';
import { RedisStore } from '../../src/adapters/redis/redis-store.ts';
import { SCRIPTS } from '../../src/adapters/redis/scripts.ts';
import { sweep } from '../../src/adapters/redis/sweep.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { PlainAuthor } from '../contract/plain-author.ts';
import { mapText, stateOf, tile, tilePatch, tilesOf } from '../contract/samples.ts';
import { withdrawalContract } from '../contract/store-withdrawals.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { openRedis, redisWorlds } from './redis-world.ts';

const clock = new SystemClock();
const keys = keysOf('test');

// Here a sweep takes so many steps that most of each test happens in its middle.
t.test('the Redis store, while a sweep goes on', (t) =>
  withdrawalContract(t, redisWorlds(t, { sweepCount: 25 })),
);

t.test(
  'what lies in Redis: the format, the entry of the log, and the tiles of a store that sweeps',
  async (t) => {
    const server = await startRedis(t);
    const redis = server.client();
    const author = await PlainAuthor.join(await openRedis(t, server));
    await author.write(tilesOf('giant', 'g', 20_000), tilePatch({ '0,-1': 'o' }, 'other'));
    t.equal(await redis.get(keys.format), '1', 'an older program reads what has no withdrawal');
    const [commit] = await author.write('giant', tilePatch({ '0,-2': 'o' }, 'other'));
    t.equal(await redis.get(keys.format), '3');
    const [[, entry]] = (await redis.xrange(keys.log, '3-0', '3-0')) as [[string, string[]]];
    t.ok(entry.join('').length < 1000, 'a small entry');
    t.match(JSON.parse(entry[3]!), { withdraws: 'giant', cursor: commit!.cursor });
    t.same(JSON.parse((await redis.hget(keys.tiles, '0,-1'))!), tile('o', 'other'));
    t.same(JSON.parse((await redis.hget(keys.tiles, '0,-2'))!), { ...tile('o', 'other'), revision: 4 });
    await swept(server);
    await author.write(tilePatch({ '0,-3': 'o' }, 'other'));
    t.same(JSON.parse((await redis.hget(keys.tiles, '0,-3'))!), tile('o', 'other'));
    t.equal(await redis.get(keys.format), '3', 'the log still has a withdrawal');
    t.same((await redis.keys('*')).sort(), [keys.format, keys.log, keys.tiles].sort());
    await holds(t, server, author);
  },
);

t.test('a load is exact, whatever is swept, written and withdrawn at any moment of it', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  const [sweeping, loading] = [connectTo(t, server), connectTo(t, server)];
  const scenarios: ((author: PlainAuthor) => Promise<unknown>)[] = [
    async () => sweep(sweeping, keys, 1000),
    // A tile with a revision, and one without, which looks older than the withdrawal that is forgotten.
    async (author) => {
      await author.write(tilesOf('giant', 'during', 30, 700));
      await sweep(sweeping, keys, 1000);
      await author.write(tilesOf('giant', 'after', 30, 715));
    },
    async (author) => author.write('other', tilesOf('other', 'back', 10, 6000), 'giant'),
  ];
  for (const [i, act] of scenarios.entries())
    for (let moment = 0, reached = true; reached; moment++) {
      await redis.flushall();
      const author = await withUnsweptGiant(t, server);
      reached = false;
      let [calls, attempts] = [0, 0];
      const interposed = interpose(loading, async ([command]) => {
        if (command === 'xrange') attempts += 1;
        if (calls++ !== moment) return;
        reached = true;
        await act(author);
      });
      const { state } = await loadState(interposed, keys);
      const same = mapText(state.manifest.copy()) === mapText(author.manifest);
      t.ok(same && state.head === author.log.at(-1)!.cursor, `scenario ${i}, before call ${moment}`);
      // One that does not fit together would be tried again, and perhaps be right by chance.
      t.equal(attempts, 1);
      await author.store.close();
    }
});

t.test('a sweep that loses its connection, or its Redis, begins again and leaves nothing', async (t) => {
  const server = await startRedis(t, { args: ['--appendonly', 'yes'] });
  const redis = server.client();
  const proxy = await tcpProxy(t, server.port);
  for (const how of ['cut', 'restart'] as const) {
    await redis.flushall();
    const author = await PlainAuthor.join(await openSlowly(t, proxy));
    await author.write(tilesOf('giant', 'g', 5000), tilesOf('other', 'o', 100, 5000));
    const broken = new Promise<void>((resolve) => {
      let steps = 0;
      proxy.onRequest = (piece) => {
        if (!piece.includes(SCRIPTS.sweep.sha) || ++steps !== 20) return;
        proxy.onRequest = undefined;
        if (how === 'cut') proxy.cut('rst');
        resolve(how === 'cut' ? undefined : server.stop('SIGKILL').then(() => server.restart()));
      };
    });
    await author.write('giant');
    await broken;
    await swept(server);
    t.equal(await redis.hlen(keys.tiles), 100, how);
    await holds(t, server, author);
  }
});

t.test('a withdrawal whose answer is lost is swept all the same', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  const proxy = await tcpProxy(t, server.port);
  const author = await PlainAuthor.join(await openRedis(t, proxy));
  await author.write(tilesOf('giant', 'g', 5000));
  const entries = await redis.xlen(keys.log);
  const committed = async () => {
    while ((await redis.xlen(keys.log)) === entries);
  };
  proxy.onRequest = (piece) => {
    if (!piece.includes(SCRIPTS.commit.sha)) return;
    proxy.onRequest = undefined;
    proxy.swallowReplies();
    void committed().then(() => proxy.cut('rst'));
  };
  await t.rejects(author.write('giant'), { name: 'StoreUnanswered' });
  while ((await redis.hlen(keys.tiles)) > 0);
  await swept(server);
  t.equal((await stateOf(await openRedis(t, server))).manifest.tiles.size, 0);
});

t.test('a sweep forgets no withdrawal that came after its sweep began', async (t) => {
  const server = await startRedis(t);
  const author = await withUnsweptGiant(t, server);
  const connection = connectTo(t, server);
  let withdrawn = false;
  const interposed = interpose(connection, async ([, sha]) => {
    if (sha !== SCRIPTS.swept.sha || withdrawn) return;
    withdrawn = true;
    await author.write(tilesOf('giant', 'again', 50));
    await author.write('giant');
  });
  await sweep(interposed, keys, 1000);
  t.ok(withdrawn);
  t.equal(await server.client().hlen(keys.tiles), author.manifest.tiles.size);
  await holds(t, server, author);
});

/** 5,000 tiles of `giant` that are gone and lie there, and whoever can go on from there without sweeping them. */
async function withUnsweptGiant(t: Test, server: RedisServer): Promise<PlainAuthor> {
  const author = await PlainAuthor.join(await openSlowly(t, server));
  await author.write(tilesOf('giant', 'g', 5000), tilesOf('other', 'o', 100, 5000));
  await author.write('giant');
  await author.store.close();
  return new PlainAuthor(await openSlowly(t, server), author);
}

/** A store whose sweeps take very long. */
async function openSlowly(t: Test, { port }: { readonly port: number }): Promise<RedisStore> {
  const address = parseRedisAddress(`redis://127.0.0.1:${port}`);
  const store = await RedisStore.open({ address, namespace: 'test', clock, sweepCount: 1 });
  t.teardown(() => store.close());
  return store;
}

function connectTo(t: Test, server: RedisServer): RedisConnection {
  const address = parseRedisAddress(server.url);
  const options = { address, namespace: 'test', role: 'test', reconnect: false, clock };
  const connection = new RedisConnection(options);
  t.teardown(() => connection.close());
  return connection;
}

/** `connection`, on which each call waits for `before`, which gets its arguments. */
function interpose(
  connection: RedisConnection,
  before: (call: readonly [string, unknown]) => Promise<void>,
): RedisConnection {
  const { where } = connection;
  const call: RedisConnection['call'] = async (command, args, options) => {
    await before([command, args[0]]);
    return connection.call(command, args, options);
  };
  return { where, call } as unknown as RedisConnection;
}

/** What another client loads is what the author made. */
async function holds(t: Test, server: RedisServer, author: PlainAuthor): Promise<void> {
  const { head, manifest } = await stateOf(await openRedis(t, server));
  t.equal(head, author.log.at(-1)!.cursor);
  t.ok(mapText(manifest) === mapText(author.manifest), 'the same map');
}

/** Resolves when nothing is left to sweep. */
async function swept(server: RedisServer): Promise<void> {
  const redis = server.client();
  while ((await redis.exists(keys.withdrawn)) === 1);
}
