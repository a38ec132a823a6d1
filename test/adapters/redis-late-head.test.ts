// The answer to "what is the head?" took so long that 64 commits of our own had come after the one it named: each such
// answer was announced as the commit of another client.
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { keysOf } from '../../src/adapters/redis/keys.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { RedisConnection } from '../../src/adapters/redis/redis-connection.ts';
import { Tail } from '../../src/adapters/redis/tail.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { Author } from '../contract/author.ts';
import { tilePatch } from '../contract/samples.ts';
import { startRedis } from '../support/redis-server.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { openRedis } from './redis-world.ts';

t.test('an answer that is older than what was noted meanwhile is not announced', async (t) => {
  const server = await startRedis(t);
  const proxy = await tcpProxy(t, server.port);
  const author = await Author.join(await openRedis(t, server));
  const clock = new SystemClock();
  const { log } = keysOf('test');
  const connection = new RedisConnection({
    address: parseRedisAddress(`redis://127.0.0.1:${proxy.port}`),
    clock,
    namespace: 'test',
    role: 'tail',
    reconnect: true,
  });
  await connection.opened();
  let asked = 0;
  proxy.onRequest = () => (asked += 1);
  proxy.delay = 60;
  let announced = 0;
  const tail = new Tail({ connection, log, clock });
  tail.follow(() => (announced += 1));
  t.teardown(() => tail.close());
  for (let i = 0; asked < 12; i++) {
    const batch = author.plan([tilePatch({ '0,0': `b${i}` })]);
    const head = batch.commits[0]!.cursor;
    tail.expect(head);
    await author.send(batch);
    tail.note(head);
  }
  t.equal(announced, 0);
  const other = await Author.join(await openRedis(t, server));
  await other.write(tilePatch({ '0,0': 'other' }));
  while (announced === 0) await setImmediate();
  t.equal(announced, 1, 'and a new one still is');
});
