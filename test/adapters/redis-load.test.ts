import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { EMPTY_DIGEST, addTile, formatDigest } from '../../src/domain/digest.ts';
import { encodeCommit } from '../../src/domain/commit.ts';
import { GENESIS, nextCursor } from '../../src/domain/cursor.ts';
import { emptyPatch } from '../../src/domain/patch.ts';
import { StoreUnreachable, type StoreState } from '../../src/domain/store.ts';
import { Author } from '../contract/author.ts';
import {
  compositor,
  compositorPatch,
  logText,
  mapText,
  stateOf,
  tile,
  tilePatch,
} from '../contract/samples.ts';
import { startRedis } from '../support/redis-server.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { openRedis } from './redis-world.ts';

/** A map of `count` tiles in one commit that is no patch of them all, as a log that was trimmed leaves it. */
function largeState(count: number): StoreState {
  const tiles = new Map(
    Array.from({ length: count }, (_, i) => [`${i % 1000},${Math.floor(i / 1000)}`, tile(`b${i}`)]),
  );
  let digest = EMPTY_DIGEST;
  for (const [key, value] of tiles) digest = addTile(digest, key, value);
  const cursor = nextCursor(GENESIS, 'large');
  const commit = {
    ...{ cursor, prev: GENESIS, id: 'large', patch: emptyPatch(), undo: emptyPatch() },
    ...{ digest: formatDigest(digest), committedAt: 0, by: 'daemon', origin: 'test' },
  };
  return {
    head: cursor,
    manifest: { compositors: new Map([['wall', compositor('wall')]]), tiles, regions: new Map() },
    log: [commit],
  };
}

t.test('a large map is refilled and loaded while others write and trim, and is exact', async (t) => {
  const server = await startRedis(t);
  const store = await openRedis(t, server);
  const state = largeState(60_000);
  t.equal(await store.refill(state), true);
  const names = ['compositors', 'format', 'log', 'tiles'].map((name) => `{test}:${name}`);
  t.same((await server.client().keys('*')).sort(), names, 'nothing staged is left');
  const writer = await Author.join(await openRedis(t, server));
  const stop = new AbortController();
  const writing = (async () => {
    for (let i = 0; !stop.signal.aborted; i++) {
      const keys = Array.from({ length: 20 }, (_, j) => [
        `${(i * 37 + j * 53) % 1000},${(i + j) % 60}`,
        i % 3 === 0 ? null : `w${i}`,
      ]);
      const batch = writer.plan([tilePatch(Object.fromEntries(keys) as Record<string, string | null>)], {
        keepFrom: i - 200,
      });
      await writer.send(batch);
      await setImmediate();
    }
  })();
  const loaded = await stateOf(await openRedis(t, server));
  stop.abort();
  await writing;
  const reader = new Author(store, loaded);
  t.ok(reader.history.length > 1, `${reader.history.length} commits`);
  await reader.catchUp();
  t.equal(reader.head, writer.head);
  t.ok(mapText(reader.manifest.copy()) === mapText(writer.manifest.copy()), 'both hold the same map');
});

t.test('a load never goes on over another connection', async (t) => {
  const server = await startRedis(t);
  const direct = await openRedis(t, server);
  await direct.refill(largeState(50_000));
  const proxy = await tcpProxy(t, server.port);
  const store = await openRedis(t, proxy);
  let pieces = 0;
  proxy.onRequest = (piece) => {
    if (piece.includes('hscan') && ++pieces === 5) proxy.cut('rst');
  };
  await t.rejects(stateOf(store), StoreUnreachable);
  proxy.onRequest = undefined;
  t.equal((await stateOf(store)).manifest.tiles.size, 50_000);
});

t.test('an entry of the log that another program wrote is reported as damage in one line', async (t) => {
  const server = await startRedis(t);
  const redis = server.client();
  const fill = async () => {
    await redis.flushall();
    const author = await Author.join(await openRedis(t, server));
    await author.write(
      compositorPatch(compositor('wall')),
      tilePatch({ '0,0': 'a' }),
      tilePatch({ '1,0': 'b' }),
    );
    return author;
  };
  const damage: Record<string, () => Promise<unknown>> = {
    'its log was not written by compositord': () => redis.xadd('{test}:log', '*', 'some', 'thing'),
    'was not written by compositord': () =>
      redis.xadd('{test}:log', '4-0', 'cursor', '9-00000000', 'commit', '{}'),
    'not a commit': () => redis.xadd('{test}:log', '4-0', 'cursor', '4-00000000', 'commit', '{"x":1}'),
    'is not a commit: ': () => redis.xadd('{test}:log', '4-0', 'cursor', '4-00000000', 'commit', '{'),
    'does not lead on from': () => redis.xdel('{test}:log', '2-0'),
    'have the digest': () => redis.hset('{test}:tiles', '5,5', JSON.stringify(tile('foreign'))),
    'holds a map, but no log': () => redis.del('{test}:log'),
    'is not JSON': () => redis.hset('{test}:compositors', 'wall', 'x'),
  };
  for (const [about, act] of Object.entries(damage)) {
    const author = await fill();
    await act();
    await t.rejects(
      stateOf(author.store),
      { name: 'Error', message: new RegExp(`^The store at [^\\n]* is damaged: [^\\n]*${about}[^\\n]*\\.$`) },
      about,
    );
  }
  const author = await fill();
  const before = author.head;
  await redis.xadd('{test}:log', '*', 'some', 'thing');
  const foreign = {
    name: 'Error',
    message: /is damaged: the entry \d+-0 of its log was not written by compositord\.$/,
  };
  await t.rejects(author.store.head(), foreign);
  await t.rejects(author.store.read(before), foreign);
  await t.rejects(author.store.commit(author.plan([tilePatch({ '9,9': 'x' })])), foreign);
  t.equal(await redis.hexists('{test}:tiles', '9,9'), 0);
});

t.test('what lies in Redis can be read with redis-cli', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  const [first] = await author.write(compositorPatch(compositor('wall')));
  await author.send(
    author.plan([tilePatch({ '3,-4': 'wall.png' })], { grants: [{ id: 'wall', generation: 'g', ttl: 30 }] }),
  );
  const redis = server.client();
  t.same(JSON.parse((await redis.hget('{test}:tiles', '3,-4'))!), tile('wall.png'));
  t.match(JSON.parse((await redis.hget('{test}:compositors', 'wall'))!), { id: 'wall', platform: 'linux' });
  t.same(await redis.xrange('{test}:log', '1-0', '1-0'), [
    ['1-0', ['cursor', first!.cursor, 'commit', encodeCommit(first!)]],
  ]);
  const [seconds] = await redis.time();
  const deadline = Number(await redis.zscore('{test}:leases', 'wall:g'));
  t.ok(Math.abs(deadline - 1000 * (Number(seconds) + 30)) < 3000, 'milliseconds on the clock of Redis');
  t.equal(await redis.get('{test}:format'), '1');
  t.equal(logText((await stateOf(author.store)).log), logText([...author.history.between(GENESIS)]));
});
