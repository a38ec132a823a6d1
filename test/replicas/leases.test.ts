// Leases on Redis's clock, with several replicas that all look after them: one dead compositor goes stale once, and one
// that renews, through whichever replica, never does.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';
import { Fleet } from './fleet.ts';
import { hoppers } from './hopping-reader.ts';

/** Seconds. */
const TTL = 2;
const RETENTION = 2;

t.test('one dies among four, on three replicas', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t, {
    replicas: 3,
    args: [`--lease-retention=${RETENTION}`, '--lease-guard=0'],
  });
  const random = new Random(21);
  const readers = await hoppers(t, () => fleet.urls, random, 4);
  const ids = ['alive-1', 'alive-2', 'alive-3'];
  const beating = new AbortController();
  const beats: Promise<void>[] = [];
  const renewals = { count: 0 };
  for (const [i, id] of [...ids, 'dead'].entries()) {
    const wall = await HttpPublisher.join(random.pick(fleet.urls), id, { ttl: TTL });
    await wall.patch({ [`${i},0`]: { brick: id } });
    if (id !== 'dead') beats.push(renew(wall));
  }
  async function renew(wall: HttpPublisher): Promise<void> {
    while (!beating.signal.aborted) {
      const url = `${random.pick(fleet.urls)}/compositors/${wall.id}/lease`;
      const { status } = await send('PUT', url, undefined, { 'Lease-Generation': wall.generation });
      t.equal(status, 200);
      renewals.count++;
      await delay(400, undefined, { signal: beating.signal }).catch(() => undefined);
    }
  }
  // They all have been in touch for a TTL before anybody may end a lease: from then on it is a matter of the TTL.
  const died = performance.now();
  const gone = async () => (await send('GET', `${fleet.urls[0]}/compositors/dead`)).status === 404;
  await eventually(gone, 'the dead one has gone');
  const took = (performance.now() - died) / 1000;
  t.ok(took > TTL + RETENTION - 1 && took < 2 * TTL + RETENTION + 3, `after ${took} s`);
  // A whole TTL more, in which nothing may happen.
  await delay((TTL + 1) * 1000);
  beating.abort();
  await Promise.all(beats);

  const { body } = await send('GET', `${fleet.urls[1]}/manifest/history?limit=1000`);
  const ended = (body.items as { by: string }[]).filter(({ by }) => by === 'daemon');
  t.equal(ended.length, 2, 'stale and removed: two commits, however many looked after it');
  t.ok(renewals.count > 20);
  const live = await send('GET', `${fleet.urls[2]}/manifest`);
  t.strictSame(Object.keys(live.body.compositors).sort(), ids);
  for (const id of ids) t.equal(live.body.compositors[id].status, 'registered');
  t.strictSame(Object.keys(live.body.tiles).sort(), ['0,0', '1,0', '2,0'], 'with its tile, and no other');
  for (const { reader } of readers) t.strictSame(reader.copy.violations, []);
});

t.test('Redis stands still for 3 TTLs: nobody dies of it', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t, { args: ['--lease-retention=1', '--lease-guard=0'] });
  const random = new Random(22);
  const ids = ['a', 'b', 'c'];
  const walls = await Promise.all(
    ids.map((id) => HttpPublisher.join(random.pick(fleet.urls), id, { ttl: TTL })),
  );
  const beating = new AbortController();
  const statuses = new Set<number>();
  const beats = walls.map(async ({ id }) => {
    while (!beating.signal.aborted) {
      statuses.add((await send('PUT', `${random.pick(fleet.urls)}/compositors/${id}/lease`)).status);
      await delay(300, undefined, { signal: beating.signal }).catch(() => undefined);
    }
  });
  await delay((TTL + 1) * 1000);
  const { cursor } = (await send('GET', `${fleet.urls[0]}/manifest`)).body;
  fleet.redis.freeze();
  t.teardown(() => fleet.redis.thaw());
  await delay(TTL * 3000);
  fleet.redis.thaw();
  await fleet.ready();
  await delay((TTL + 2) * 1000);
  beating.abort();
  await Promise.all(beats);
  t.strictSame([...statuses].sort(), [200, 503], 'renewed, or told that the store is away');
  t.equal((await send('GET', `${fleet.urls[1]}/manifest`)).body.cursor, cursor, 'nobody turned stale');

  // As a new master leaves it whose clock was an hour ahead: nobody is dead for that long without being found so.
  const wall = walls[0]!;
  const [key, member] = ['{compositord}:leases', `${wall.id}:${wall.generation}`];
  await fleet.client.zadd(key, Date.now() + 3_600_000, member);
  const deadline = async () => Number(await fleet.client.zscore(key, member));
  await eventually(async () => (await deadline()) < Date.now() + TTL * 1000 + 500, 'pulled back');
});
