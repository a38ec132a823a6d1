// FAILURES 20. Failover with loss. The old master accepts commits that its copy does not have, the copy is promoted, and
// takes others before the replicas come to it: two branches. The store's wins; whoever holds a cursor of the other one
// gets a `reset`, compositors are told to publish again, and nobody keeps phantom tiles.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { readOpening } from '../failures/opening.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { Fleet, status } from '../replicas/fleet.ts';
import { hoppers } from '../replicas/hopping-reader.ts';
import { Random } from '../simulation/random.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startRedis } from '../support/redis-server.ts';

t.test('the promoted copy has another branch', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t);
  const { redis: master, urls } = fleet;
  const wall = await HttpPublisher.join(urls[0]!, 'wall');
  await wall.patch({ '0,0': { brick: 'common' } });
  const common = wall.cursor;

  const dir = await temporaryFolder(t);
  const copy = await startRedis(t, { dir, args: ['--replicaof', '127.0.0.1', String(master.port)] });
  const copied = copy.client();
  await eventually(async () => (await copied.xlen('{compositord}:log')) === 2, 'the copy has caught up');
  await copied.replicaof('NO', 'ONE');

  // What the old master still accepts, and what the new one does meanwhile.
  const readers = await hoppers(t, () => urls, new Random(8), 4);
  for (let i = 0; i < 5; i++) await wall.patch({ [`${i},1`]: { brick: 'phantom' } });
  const lost = wall.cursor;
  await Promise.all(readers.map(({ reader }) => reader.untilCursor(lost)));
  const elsewhere = await startDaemon(t, { store: copy.url });
  const other = await HttpPublisher.join(elsewhere.url, 'other');
  await other.patch({ '7,7': { brick: 'other branch' } });
  await elsewhere.stop();
  await copied.save();
  await copy.stop('SIGKILL');
  await master.stop('SIGKILL');
  // A moment in which nobody is master: writes are told so.
  t.equal((await send('PATCH', `${urls[0]}/compositors/wall/tiles`, { '1,1': null })).status, 503);
  await startRedis(t, { dir, port: master.port });

  for (const url of urls)
    await eventually(async () => (await status(`${url}/manifest?at=${other.cursor}`)) === 200, 'the branch');
  await Promise.all(
    readers.map(({ reader }) =>
      reader.until((r) => r.copy.exact && r.counts.snapshots === 2, 30_000, 'a reset'),
    ),
  );
  for (const url of urls) {
    const opening = await readOpening(t, `${url}/manifest/stream`, lost);
    t.equal(opening.reason, 'reset');
    t.equal(await status(`${url}/manifest?at=${lost}`), 410);
    t.equal(await status(`${url}/manifest?atLeast=${lost}`), 503, 'this number is still to come');
    t.equal(await status(`${url}/manifest?at=${common}`), 200);
    const renewal = await send('PUT', `${url}/compositors/wall/lease`, { cursor: lost });
    t.match(renewal.body, { republish: true });
  }
  const again = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i},1`, { brick: 'again' }]));
  await send('PUT', `${urls[1]}/compositors/wall/tiles`, again);
  const { tiles } = await fleet.allOne(readers);
  t.strictSame(Object.keys(tiles).sort(), [...Object.keys(again), '7,7'].sort());
  t.notOk(JSON.stringify(tiles).includes('phantom'));
});
