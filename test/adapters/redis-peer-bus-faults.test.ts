import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openBackend } from '../../src/backend.ts';
import type { PeerBus } from '../../src/domain/peer-bus.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

async function open(t: Test, server: RedisServer): Promise<PeerBus> {
  const backend = await openBackend({ store: server.url, namespace: 'test' }, new SystemClock(), loud);
  t.teardown(() => closeBackend(backend));
  backend.peerBus.handle('echo', async (message) => message);
  return backend.peerBus;
}

const undelivered = { name: 'PeerRequestError', why: 'undelivered' };

t.test('connections that are cut come back, those that listen too', async (t) => {
  const server = await startRedis(t);
  const [a, b] = [await open(t, server), await open(t, server)];
  const redis = server.client();
  for (const type of ['pubsub', 'normal']) {
    await redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    await echoes(a, b);
    await echoes(b, a);
  }
  const heard = new Promise((resolve) => b.subscribe('topic', resolve));
  a.publish('topic', 'back');
  t.equal(await heard, 'back');
});

t.test('an answer waits until the replica that asked is subscribed again', async (t) => {
  const server = await startRedis(t);
  const [a, b] = [await open(t, server), await open(t, server)];
  const redis = server.client();
  b.handle('cut', async () => {
    // The connections that subscribe, not those that send.
    const lines = String(await redis.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
      .trim()
      .split('\n');
    for (const line of lines) await redis.call('CLIENT', 'KILL', 'ID', /id=(\d+)/.exec(line)![1]!);
    return 'after all';
  });
  t.equal(await a.request(b.self, 'cut', null, AbortSignal.timeout(20_000)), 'after all');
});

t.test(
  'a frozen Redis: a request fails by its own deadline at the latest, and all goes on when it thaws',
  async (t) => {
    const server = await startRedis(t);
    const [a, b] = [await open(t, server), await open(t, server)];
    await echoes(a, b);
    server.freeze();
    t.teardown(() => server.thaw());
    await t.rejects(a.request(b.self, 'echo', 1, AbortSignal.timeout(300)), {
      name: 'PeerRequestError',
      why: 'unanswered',
    });
    const begun = performance.now();
    for (let round = 0; round < 3; round++)
      await t.rejects(a.request(b.self, 'echo', 1, AbortSignal.timeout(30_000)), {
        name: 'PeerRequestError',
      });
    t.ok(performance.now() - begun < 15_000, 'and long before a deadline that is far away');
    t.equal(await a.request(a.self, 'echo', 'to oneself', AbortSignal.timeout(5000)), 'to oneself');
    server.thaw();
    await echoes(a, b);
  },
);

t.test('Redis killed: undelivered, at once; restarted, all listen again', async (t) => {
  const server = await startRedis(t);
  const [a, b] = [await open(t, server), await open(t, server)];
  await echoes(a, b);
  await server.stop('SIGKILL');
  await t.rejects(a.request(b.self, 'echo', 1, AbortSignal.timeout(20_000)), undelivered);
  a.publish('topic', 'lost');
  await server.restart();
  await echoes(a, b);
  await echoes(b, a);
});

t.test('opened while Redis is away, it is there when Redis is', async (t) => {
  const server = await startRedis(t);
  await server.stop();
  const [a, b] = await Promise.all([open(t, server), open(t, server)]);
  await t.rejects(a.request(b.self, 'echo', 1, AbortSignal.timeout(20_000)), undelivered);
  await server.restart();
  await echoes(a, b);
});

/** Resolves once `from` has an answer of `to`; fails by the ceiling of the test. */
async function echoes(from: PeerBus, to: PeerBus): Promise<void> {
  for (;;) {
    const answer = await from
      .request(to.self, 'echo', 'hello', AbortSignal.timeout(2000))
      .catch(() => undefined);
    if (answer === 'hello') return;
    await setTimeout(50);
  }
}
