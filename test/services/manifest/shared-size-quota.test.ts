// What went wrong: each replica went by its own memory, so that one with more of it let in what ended one with less.
import t, { type Test } from 'tap';
import { SharedSizeQuota } from '../../../src/services/manifest/shared-size-quota.ts';
import type { PeerBus } from '../../../src/domain/peer-bus.ts';
import { eventually } from '../../failures/eventually.ts';
import { build } from '../../support/build.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { startRedis } from '../../support/redis-server.ts';

const KIB = 1024;

async function replica(t: Test, bytes: number, store?: string) {
  const built = await build(t, { settings: { quota: { bytes }, ...(store && { store }) } });
  const limit = async () => (await built.inject('/health')).json.quotas.bytes.limit as number;
  return { ...built, limit };
}

async function agree(t: Test, store?: string): Promise<void> {
  const large = await replica(t, 1000 * KIB, store);
  const shared = large.config.settings.store;
  t.equal(await large.limit(), 1000 * KIB);
  const small = await replica(t, 64 * KIB, shared);
  await eventually(async () => (await large.limit()) === 64 * KIB, 'it hears of the other');
  await eventually(async () => (await small.limit()) === 64 * KIB, 'and the other knows its own');
  const wide = await replica(t, 500 * KIB, shared);
  await eventually(async () => (await wide.limit()) === 64 * KIB, 'who comes later is told');
  await large.inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const tiles = Array.from({ length: 150 }, (_, i) => [`${i},0`, { brick: 'b' }]);
  const payload = Object.fromEntries(tiles) as Record<string, { brick: string }>;
  const write = () => large.inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload });
  t.match(await write(), { status: 409, json: { quota: { quota: 'quota.bytes', limit: 64 * KIB } } });
  await small.app.close();
  await eventually(async () => (await large.limit()) === 500 * KIB, 'who ends counts no more');
  t.match(await write(), { status: 200 });
}

t.test('the least of all replicas on one folder counts', async (t) => agree(t));

t.test('and on one Redis', async (t) => agree(t, (await startRedis(t)).url));

t.test('one that says nothing is forgotten, and what is no message has no effect', async (t) => {
  const clock = new ManualClock();
  let hear: (message: unknown) => void = () => undefined;
  const said: unknown[] = [];
  const peerBus = {
    self: 'me',
    publish: (_topic: string, message: unknown) => void said.push(message),
    subscribe: (_topic: string, listener: (message: unknown) => void) => {
      hear = listener;
      return () => undefined;
    },
  } as unknown as PeerBus;
  const quota = new SharedSizeQuota({ own: 100, peerBus, clock, log: { info: () => undefined } });
  quota.start();
  const own = { replica: 'me', bytes: 100 };
  t.strictSame(said, [own]);
  hear({ replica: 'you', bytes: 70 });
  t.strictSame(said, [own, own], 'a new one is told');
  for (const odd of [
    null,
    7,
    {},
    { bytes: 1 },
    { replica: 'me', bytes: 1 },
    { replica: 'x', bytes: '1' },
    { replica: 'x', bytes: NaN },
  ])
    hear(odd);
  t.equal(quota.bytes, 70);
  await clock.advance(29_000);
  t.equal(quota.bytes, 70);
  await clock.advance(1000);
  t.equal(quota.bytes, 100);
  quota.stop();
  t.strictSame(said.at(-1), { replica: 'me', bytes: null });
});
