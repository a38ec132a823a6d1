import t from 'tap';
import { Author } from '../contract/author.ts';
import { tilePatch } from '../contract/samples.ts';
import { startRedis } from '../support/redis-server.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { openRedis } from './redis-world.ts';

/** Tries for one commit of a client far away, while two that are near commit all the time. */
const BOUND = 6;

t.test('a far client among busy near ones is slower, never starved', async (t) => {
  const server = await startRedis(t);
  const proxy = await tcpProxy(t, server.port);
  proxy.delay = 15;
  const far = await Author.join(await openRedis(t, proxy));
  const near = await Promise.all([1, 2].map(async () => Author.join(await openRedis(t, server))));
  let stop = false;
  const busy = near.map(async (author, n) => {
    let count = 0;
    for (; !stop; count++) await author.write(tilePatch({ [`${n},0`]: `b${count}` }));
    return count;
  });
  const tries: number[] = [];
  for (let i = 0; i < 20; i++) {
    let attempts = 0;
    for (let taken = false; !taken; attempts++) {
      const result = await far.send(far.plan([tilePatch({ '9,9': `f${i}` })]));
      taken = result.taken;
      if (!result.taken && result.missed.head !== far.head) await far.catchUp();
    }
    tries.push(attempts);
  }
  stop = true;
  const counts = await Promise.all(busy);
  t.ok(Math.max(...tries) <= BOUND, `tries: ${tries.join(' ')}`);
  t.ok(Math.min(...counts) > 20, `the others went on: ${counts.join(' ')}`);
});

t.test('a client that dies with a ticket holds the others back only shortly', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  await server.client().zadd('{test}:turn', Date.now() + 300, 'another');
  const begun = performance.now();
  await author.write(tilePatch({ '0,0': 'a' }));
  const took = performance.now() - begun;
  t.ok(took > 200 && took < 30_000, `took ${took} ms`);
});

t.test('a ticket that never ends is reported as a store that cannot be reached', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  await server.client().zadd('{test}:turn', Date.now() + 60_000, 'another');
  await t.rejects(author.store.commit(author.plan([tilePatch({ '0,0': 'a' })])), {
    name: 'StoreUnreachable',
    message: /others are committing all the time/,
  });
  t.match(
    await author.store.commit(author.plan([])),
    { taken: true },
    'a batch without commits needs no ticket',
  );
});
