// FAILURES 22 on Redis, whose clock nobody can step: (b) 60 % of the compositors fall silent; (d) every replica restarts
// slower than the TTL. No live compositor loses its tiles, and the guard is gone by itself when beats return.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { Fleet } from '../replicas/fleet.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';

const FLEET = ['a', 'b', 'c', 'd', 'e'];
/** Seconds. */
const TTL = 2;

t.test('60 % fall silent, and all replicas are away', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t, { args: ['--lease-retention=1', '--lease-guard=60'] });
  const random = new Random(22);
  for (const [i, id] of FLEET.entries()) {
    const wall = await HttpPublisher.join(random.pick(fleet.urls), id, { ttl: TTL });
    await wall.patch({ [`${i},0`]: { brick: id } });
  }
  let beating: readonly string[] = FLEET;
  const over = new AbortController();
  const beats = (async () => {
    while (!over.signal.aborted) {
      // Nobody may be there for a while: that is what is tested.
      for (const id of beating)
        await send('PUT', `${random.pick(fleet.urls)}/compositors/${id}/lease`).catch(() => undefined);
      await delay(300, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  const statuses = async () => {
    const { body } = await send('GET', `${fleet.urls[0]}/manifest`);
    return FLEET.map((id) => body.compositors[id]?.status as string | undefined);
  };
  await delay((TTL + 1) * 1000);

  // (d)
  const ports = fleet.daemons.map(({ port }) => port);
  await Promise.all(fleet.daemons.map((daemon) => daemon.stop('SIGKILL')));
  await delay((TTL + 2) * 1000);
  await Promise.all(ports.map((port) => fleet.add(port)));
  await delay((TTL + 1) * 1000);
  t.strictSame(await statuses(), Array(5).fill('registered'), 'nobody turned stale');

  // (b)
  beating = ['d', 'e'];
  await eventually(
    async () => (await statuses()).filter((each) => each === 'stale').length === 3,
    'three stale',
  );
  await delay(2500);
  t.strictSame(await statuses(), ['stale', 'stale', 'stale', 'registered', 'registered'], 'held back');
  beating = ['a', 'd', 'e'];
  await eventually(async () => (await statuses()).includes(undefined), 'the guard has gone');
  await eventually(
    async () => (await statuses()).filter((each) => each === undefined).length === 2,
    'both go',
  );
  t.strictSame(await statuses(), ['registered', undefined, undefined, 'registered', 'registered']);
  over.abort();
  await beats;
  const { tiles } = await fleet.allOne();
  t.strictSame(Object.keys(tiles).sort(), ['0,0', '3,0', '4,0']);
});
