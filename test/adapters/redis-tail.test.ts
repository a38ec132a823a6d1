import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { RedisStore } from '../../src/adapters/redis/redis-store.ts';
import { Author } from '../contract/author.ts';
import { stateOf, tilePatch } from '../contract/samples.ts';
import { startRedis } from '../support/redis-server.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { openRedis } from './redis-world.ts';

/** Milliseconds within which a hint must come, whatever happened to the connection. */
const SOON = 2000;

t.test(
  'the blocked connection is lost, with a RST, a FIN, or no word: the next hint comes within 2 s',
  async (t) => {
    const server = await startRedis(t);
    const proxy = await tcpProxy(t, server.port);
    const author = await Author.join(await openRedis(t, server));
    const follower = await openRedis(t, proxy);
    await stateOf(follower);
    const hints = follow(t, follower);
    await hints.after(() => author.write(tilePatch({ '0,0': 'first' })));
    for (const how of ['rst', 'nothing', 'fin', 'nothing', 'replies'] as const) {
      const before = follower.tailRestarts;
      if (how === 'nothing') proxy.swallow();
      else if (how === 'replies') proxy.swallowReplies();
      else proxy.cut(how);
      const begun = performance.now();
      await hints.after(() => author.write(tilePatch({ '0,0': how })));
      const took = performance.now() - begun;
      t.ok(took < SOON, `${how}: took ${Math.round(took)} ms`);
      t.ok(follower.tailRestarts > before, 'and is counted');
    }
  },
);

t.test('an administrator kills the blocked connection again and again', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  const follower = await openRedis(t, server);
  await stateOf(follower);
  const hints = follow(t, follower);
  const redis = server.client();
  for (let round = 0; round < 20; round++) {
    const ids = (String(await redis.call('CLIENT', 'LIST')).match(/id=\d+ .*cmd=xread/g) ?? []).map(
      (line) => /id=(\d+)/.exec(line)![1]!,
    );
    for (const id of ids) await redis.call('CLIENT', 'KILL', 'ID', id);
    await hints.after(() => author.write(tilePatch({ '0,0': `b${round}` })));
  }
  t.ok(follower.tailRestarts >= 10, `${follower.tailRestarts} restarts`);
});

t.test('a frozen Redis that thaws is followed again', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  const follower = await openRedis(t, server);
  await stateOf(follower);
  const hints = follow(t, follower);
  server.freeze();
  const before = follower.tailRestarts;
  while (follower.tailRestarts === before) await setTimeout(20);
  server.thaw();
  await hints.after(() => author.write(tilePatch({ '0,0': 'thawed' })));
});

t.test('a store gets no hint of its own commits', async (t) => {
  const server = await startRedis(t);
  const store = await openRedis(t, server);
  const author = await Author.join(store);
  let own = 0;
  store.follow(() => (own += 1));
  for (let i = 0; i < 100; i++)
    await author.write(tilePatch({ '0,0': `b${i}` }), tilePatch({ '1,0': `b${i}` }));
  const other = await Author.join(await openRedis(t, server));
  const hinted = new Promise<void>((resolve) => void store.follow(resolve));
  await other.write(tilePatch({ '0,0': 'other' }));
  await hinted;
  t.equal(own, 1);
});

/** Waits for hints: `after(act)` resolves once one came that was not there before `act`. */
function follow(t: Test, store: RedisStore) {
  let wake: () => void = () => undefined;
  t.teardown(store.follow(() => wake()));
  return {
    async after(act: () => Promise<unknown>): Promise<void> {
      const hint = new Promise<void>((resolve) => (wake = resolve));
      await act();
      await hint;
    },
  };
}
