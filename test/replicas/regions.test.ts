// Regions on Redis, with replicas that all look after their leases: each ends once, in one commit, on every replica.
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
const CEILING = 45_000;

t.test(
  'a region ends with its lease, or with the lease of its compositor',
  { timeout: 110_000 },
  async (t) => {
    const fleet = await Fleet.start(t, { replicas: 3, args: ['--lease-retention=1', '--lease-guard=0'] });
    const readers = await hoppers(t, () => fleet.urls, new Random(27), 4);
    const [first, second, third] = fleet.urls as [string, string, string];
    const dead = await HttpPublisher.join(first, 'dead', { ttl: TTL });
    await dead.patch({ '0,0': { brick: 'a' }, '1,1': { brick: 'b' } });
    const alive = await HttpPublisher.join(second, 'alive');
    const reserve = async (url: string, compositor: string, rect: string, ttl: number) => {
      const { status, body } = await send('POST', `${url}/regions`, { compositor, rect, ttl });
      t.equal(status, 201);
      return body.id as string;
    };
    const ofDead = await reserve(second, 'dead', '0,0,9,9', 3600);
    const kept = await reserve(third, 'alive', '20,20,29,29', TTL);
    const short = await reserve(first, 'alive', '40,40,49,49', TTL);
    const inWay = await send('POST', `${third}/regions`, { compositor: 'alive', rect: '9,9,10,10' });
    t.match(inWay, { status: 409, body: { regions: [{ id: ofDead }] } }, 'another replica knows of it');

    const renewing = new AbortController();
    const renewals = (async () => {
      for (let n = 0; !renewing.signal.aborted; n++) {
        const { status } = await send('PUT', `${fleet.urls[n % 3]!}/regions/${kept}/lease`);
        t.equal(status, 200, 'renewed, through whichever replica');
        await delay(400, undefined, { signal: renewing.signal }).catch(() => undefined);
      }
    })();
    const ids = async (url: string) =>
      ((await send('GET', `${url}/regions`)).body.items as { id: string }[]).map(({ id }) => id);
    const gone = async () => (await send('GET', `${second}/compositors/dead`)).status === 404;
    await eventually(gone, 'the dead one has gone', CEILING);
    const left = async () => (await Promise.all(fleet.urls.map(ids))).flat();
    await eventually(async () => (await left()).every((id) => id === kept), 'and the two regions', CEILING);
    renewing.abort();
    await renewals;
    t.same(await left(), [kept, kept, kept], 'the one that was renewed is there, at each replica');

    const { body } = await send('GET', `${third}/manifest/history?limit=1000`);
    const ends = (body.items as { by: string; regions: number; tiles: number; compositors: number }[]).filter(
      ({ by, regions }) => by === 'daemon' && regions > 0,
    );
    t.same(
      ends
        .map(({ compositors, tiles, regions }) => ({ compositors, tiles, regions }))
        .toSorted((a, b) => a.tiles - b.tiles),
      [
        { compositors: 0, tiles: 0, regions: 1 },
        { compositors: 1, tiles: 2, regions: 1 },
      ],
      'one commit each, however many look after them; the compositor went with its tiles and its region',
    );
    await alive.patch({ '5,5': { brick: 'now free' } });
    t.equal((await send('PUT', `${first}/regions/${short}/lease`)).status, 404);
    await eventually(async () => (await left()).length === 0, 'the last ends, too', CEILING);
    await fleet.allOne(readers);
    for (const { reader } of readers) t.strictSame(reader.copy.violations, []);
  },
);
