// FAILURES 21. The store is wiped under a live fleet: Redis restarts empty. Leases and tiles are back, streams stay open.
// And Redis is full: a publish fails loudly, and nothing is half-written.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { Fleet } from '../replicas/fleet.ts';
import { hoppers } from '../replicas/hopping-reader.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';

t.test('Redis restarts empty', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t);
  const random = new Random(21);
  const walls = await Promise.all(
    ['a', 'b', 'c'].map((id) => HttpPublisher.join(random.pick(fleet.urls), id, { ttl: 30 })),
  );
  for (const [i, wall] of walls.entries()) await wall.patchMany(10, wall.id, (n) => `${n},${i}`);
  const { body } = await send('GET', `${fleet.urls[0]}/manifest?atLeast=${walls.at(-1)!.cursor}`);
  const readers = await hoppers(t, () => fleet.urls, random, 4);
  await Promise.all(readers.map(({ reader }) => reader.untilCursor(body.cursor)));

  await fleet.redis.stop('SIGKILL');
  await fleet.redis.restart();
  await eventually(async () => (await fleet.client.exists('{compositord}:log')) === 1, 'it is filled again');
  t.strictSame((await fleet.allOne(readers)).tiles, body.tiles);
  for (const wall of walls) {
    const url = `${random.pick(fleet.urls)}/compositors/${wall.id}/lease`;
    const fenced = { 'Lease-Generation': wall.generation };
    const renewal = await send('PUT', url, { cursor: wall.cursor }, fenced);
    t.match(renewal, { status: 200, body: { republish: false } }, 'its lease is back, and nothing was lost');
  }
  t.equal(await fleet.client.zcard('{compositord}:leases'), 3);
  for (const { reader } of readers) {
    t.equal(reader.counts.connections, 1, 'the streams stayed open');
    t.equal(reader.counts.snapshots, 1);
  }
  await walls[0]!.patch({ '9,9': { brick: 'on it goes' } });
  await fleet.allOne(readers);
});

t.test('Redis is full', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t);
  const [one, two] = fleet.urls as [string, string];
  const wall = await HttpPublisher.join(one, 'wall');
  const used = Number(/used_memory:(\d+)/.exec(await fleet.client.info('memory'))![1]);
  await fleet.client.config('SET', 'maxmemory', String(used + 4_000_000));
  const tiles = (row: number) =>
    Object.fromEntries(
      Array.from({ length: 1500 }, (_, x) => [`${x},${row}`, { brick: `brick ${row} ${x}` }]),
    );
  let taken = 0;
  for (let refused = 0; refused < 5;) {
    const reply = await send('PATCH', `${refused % 2 ? one : two}/compositors/wall/tiles`, tiles(taken));
    if (reply.status === 200) taken++;
    else {
      refused++;
      t.match(reply, { status: 503, body: { type: '/problems/store-full', reason: 'full' } }, 'loudly');
    }
    t.equal(await fleet.client.hlen('{compositord}:tiles'), taken * 1500, 'whole, or not at all');
  }
  t.ok(taken > 0);
  t.equal((await send('PUT', `${two}/compositors/wall/lease`)).status, 200, 'leases live on');
  await fleet.client.config('SET', 'maxmemory', '0');
  await wall.patch({ '0,0': { brick: 'room again' } });
  const manifest = await fleet.allOne();
  t.equal(Object.keys(manifest.tiles).length, taken * 1500);
});
