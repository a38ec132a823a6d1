// FAILURES 23. Zombie and twin. A compositor stalls past its lease, its tiles are given to another, it wakes and publishes,
// renews and leaves: each is refused with a code of its own, and no revision is used. The same id restarts inside its lease:
// a new generation; the end of the old lease deletes nothing, and a slow duplicate of an old request loses.
import t, { type Test } from 'tap';
import { build } from '../support/build.ts';
import { send, type Reply } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { HttpPublisher, type TileBody } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';
import { SteppedClock } from './stepped-clock.ts';

/** Seconds. */
const TTL = 5;
const RETENTION = 10;

async function stage(t: Test) {
  const clock = new SteppedClock();
  const { app } = await build(t, { clock, settings: { lease: { retention: RETENTION } } });
  const url = await app.listen();
  const reader = new ConformanceClient({ url, reconnect: false });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until(({ copy: { exact } }) => exact);
  /** Everything that a compositor may want, as the generation it believes to hold. */
  const tries = (id: string, generation: string): Promise<[string, Reply]>[] => {
    const fenced = { 'Lease-Generation': generation };
    const here = `${url}/compositors/${id}`;
    const one = async (method: string, target: string, body?: object) =>
      [method, await send(method, target, body, fenced)] as [string, Reply];
    return [
      one('PUT', `${here}/lease`),
      one('PATCH', `${here}/tiles`, { '0,0': { brick: 'zombie' } }),
      one('PUT', `${here}/tiles`, { '9,9': { brick: 'zombie' } }),
      one('PUT', `${here}/tiles`, {}),
      one('PATCH', here, { name: 'zombie' }),
      one('DELETE', here),
    ];
  };
  /** All of them are refused with this problem, and nothing of them is in the history. */
  const refused = async (id: string, generation: string, status: number, code: string) => {
    const head = app.replica.copy.head;
    for (const [what, reply] of await Promise.all(tries(id, generation))) {
      t.equal(reply.status, status, what);
      t.equal(reply.body.type, `/problems/${code}`, what);
    }
    t.equal(app.replica.copy.head, head, 'no revision was used');
  };
  const patch = (id: string, body: TileBody) => send('PATCH', `${url}/compositors/${id}/tiles`, body);
  /** Seconds go by, while `ids` renew once a second. */
  const live = async (seconds: number, ...ids: string[]) => {
    for (let i = 0; i < seconds; i++) {
      for (const id of ids) await send('PUT', `${url}/compositors/${id}/lease`);
      await clock.advance(1000, app.store);
    }
  };
  return { app, url, clock, reader, refused, patch, live };
}

t.test('a zombie', async (t) => {
  const { app, url, clock, reader, refused, patch, live } = await stage(t);
  const zombie = await HttpPublisher.join(url, 'zombie', { ttl: TTL, instance: 'z1' });
  const heir = await HttpPublisher.join(url, 'heir', { ttl: TTL });
  const then = Math.floor(clock.now() / 1000);
  await zombie.patch({ '0,0': { brick: 'old', timestamp: then }, '1,0': { brick: 'old', timestamp: then } });
  await live(TTL * 2, 'zombie', 'heir');

  await live(TTL + 2, 'heir');
  t.equal(app.registry.get('zombie')?.status, 'stale');
  t.equal((await patch('heir', { '0,0': { brick: 'taken' } })).status, 200, 'its tile is given to another');
  await live(RETENTION, 'heir');
  t.equal(app.registry.get('zombie'), undefined, 'then it is removed');
  t.equal(
    app.replica.copy.manifest.tile('0,0')?.compositor,
    'heir',
    'and takes nothing along that is not its own',
  );
  t.equal(app.replica.copy.manifest.tile('1,0'), undefined);

  await refused('zombie', zombie.generation, 404, 'not-found');
  const again = await HttpPublisher.join(url, 'zombie', { ttl: TTL, instance: 'z1' });
  t.not(again.generation, zombie.generation, 'it has to register again');
  await refused('zombie', zombie.generation, 409, 'lease-lost');
  const head = app.replica.copy.head;
  const late = await patch('zombie', { '0,0': { brick: 'old', timestamp: then }, '2,0': { brick: 'new' } });
  t.equal(late.status, 409, 'what it held back meanwhile');
  t.equal(late.body.type, '/problems/tile-taken');
  t.match(late.body.errors, [{ field: '/0,0' }]);
  t.equal(app.replica.copy.head, head, 'nothing of that request was done');
  await reader.untilCursor(await again.patch({ '0,0': { brick: 'newer' } }));
  t.equal(reader.copy.tiles.get('0,0')?.compositor, 'zombie', 'with a newer tile it is its own again');
  t.strictSame(reader.copy.violations, []);
  t.equal(heir.id, 'heir');
});

t.test('a twin', async (t) => {
  const { app, url, clock, reader, refused, patch, live } = await stage(t);
  const old = await HttpPublisher.join(url, 'twin', { ttl: TTL, instance: 'first' });
  await old.patch({ '0,0': { brick: 'first' } });
  const claim = await send('POST', `${url}/compositors`, { name: 'twin', instance: 'second' });
  t.equal(claim.status, 409, 'POST does not take a live id over');
  t.equal(claim.body.type, '/problems/id-taken');
  t.equal(app.replica.copy.head, old.cursor);

  await clock.advance(1000, app.store);
  const twin = await HttpPublisher.join(url, 'twin', { ttl: TTL, instance: 'second' });
  t.not(twin.generation, old.generation, 'a new generation');
  t.equal(app.replica.copy.manifest.tile('0,0')?.brick, 'first', 'the tiles stay');
  await twin.patch({ '1,0': { brick: 'second' } });
  await refused('twin', old.generation, 409, 'lease-lost');

  const head = app.replica.copy.head;
  await live(TTL * 3 + RETENTION, 'twin');
  t.equal(app.replica.copy.head, head, 'the old lease ran out long ago, and removed nothing');
  t.equal(app.registry.get('twin')?.status, 'registered');
  await refused('twin', old.generation, 409, 'lease-lost');

  await reader.untilCursor(await twin.patch({ '2,0': { brick: 'second' } }));
  t.equal(reader.copy.tiles.size, 3);
  await sameAsManifest(t, reader, url);
  t.equal(
    (await patch('twin', { '3,0': { brick: 'unfenced' } })).status,
    200,
    'without a generation nothing is fenced',
  );
});

t.test('a slow duplicate of a registration is the same registration', async (t) => {
  const { app, url, refused } = await stage(t);
  const first = await HttpPublisher.join(url, 'wall', { instance: 'boot-1' });
  const again = await HttpPublisher.join(url, 'wall', { instance: 'boot-1' });
  t.equal(again.generation, first.generation);
  t.equal(again.cursor, first.cursor, 'no revision');
  const restarted = await HttpPublisher.join(url, 'wall', { instance: 'boot-2' });
  await refused('wall', first.generation, 409, 'lease-lost');
  const left = await send('DELETE', `${url}/compositors/wall`, undefined, {
    'Lease-Generation': restarted.generation,
  });
  t.equal(left.status, 200, 'who holds the lease may leave');
  await refused('wall', restarted.generation, 404, 'not-found');
  t.equal(app.replica.copy.head, left.body.cursor);
});
