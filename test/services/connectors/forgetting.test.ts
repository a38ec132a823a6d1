import t, { type Test } from 'tap';
import { makeCompositor, type CompositorFields } from '../../../src/domain/compositor.ts';
import { entryPatch } from '../../../src/domain/registration.ts';
import { Forgetting } from '../../../src/services/connectors/forgetting.ts';
import { build } from '../../support/build.ts';
import { FakePeers } from '../../support/fake-peers.ts';
import { eventually } from '../../failures/eventually.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { world, writes } from '../../support/world.ts';

const FORGET = 60;
const GUARD = 600;

/** Compositors of a configuration, with a tile each, and a service that holds those of `held`. */
async function listed(t: Test, ids: readonly string[], held: (id: string) => boolean = () => true) {
  const { replica, registry, publisher } = await world(t);
  const wanted = ids.map((id, i) => {
    return { id, name: id, protocol: 'http', address: '127.0.0.1', port: i + 1 } as const;
  });
  await registry.syncStatic(wanted, new Set());
  for (const [i, id] of ids.entries())
    await publisher.patch(id, writes({ [`${i},0`]: 'a', [`${i},1`]: 'b' }));
  const clock = new ManualClock();
  const lines: object[] = [];
  const fail = (fields: object) => void t.fail(JSON.stringify(fields));
  const log = { info: (fields: object) => void lines.push(fields), warn: fail, error: fail };
  const policy = { forget: FORGET, guard: GUARD };
  const forgetting = new Forgetting({ replica, clock, log, policy, holds: held });
  forgetting.start();
  t.teardown(() => forgetting.stop());
  const set = (id: string, fields: Partial<CompositorFields>) =>
    replica.submit((manifest) => {
      const patch = entryPatch(makeCompositor({ ...manifest.compositor(id)!, ...fields }));
      return { patch, by: 'daemon', result: undefined };
    });
  const tiles = (id: string) => replica.copy.manifest.usageOf(id).tiles;
  /** Lets time pass, and waits for what a look has begun to write. */
  const pass = async (seconds: number) => {
    await clock.advance(seconds * 1000);
    await set(ids[0]!, {});
  };
  return { replica, registry, set, tiles, pass, lines };
}

t.test('who is down for that long loses its tiles, and stays in the list', async (t) => {
  const { set, tiles, pass, replica, lines } = await listed(t, ['a', 'b', 'c']);
  await set('a', { link: 'disconnected' });
  await set('b', { link: 'connected' });
  await pass(FORGET - 1);
  t.equal(tiles('a'), 2);
  await pass(3);
  await eventually(() => tiles('a') === 0, 'its tiles are gone');
  t.match([tiles('b'), tiles('c')], [2, 2]);
  t.match(replica.copy.manifest.compositor('a'), { status: 'disconnected', managedBy: 'test' });
  t.same(lines, [{ compositor: 'a', tiles: 2 }]);
});

t.test('one that is back, stopped, or was back meanwhile keeps them', async (t) => {
  const { set, tiles, pass } = await listed(t, ['a', 'b', 'c', 'd']);
  for (const id of ['a', 'b', 'c']) await set(id, { link: 'disconnected' });
  await set('d', { link: 'connected' });
  await pass(FORGET / 2);
  await set('a', { link: 'connected' });
  await set('b', { enabled: false });
  await set('c', { link: 'connected' });
  await pass(2);
  await set('c', { link: 'disconnected' });
  await pass(FORGET - 3);
  t.match([tiles('a'), tiles('b'), tiles('c')], [2, 2, 2]);
});

t.test('one whose connection another replica holds is left to that one', async (t) => {
  const { set, tiles, pass } = await listed(t, ['a', 'b'], (id) => id === 'b');
  await set('a', { link: 'disconnected' });
  await set('b', { link: 'disconnected' });
  await pass(FORGET + 2);
  await eventually(() => tiles('b') === 0, 'the other one was forgotten');
  t.equal(tiles('a'), 2);
});

t.test('while more than half of them are down, it is an outage, and they have longer', async (t) => {
  const { set, tiles, pass } = await listed(t, ['a', 'b', 'c']);
  await set('a', { link: 'disconnected' });
  await set('b', { link: 'disconnected' });
  await pass(FORGET + 2);
  t.match([tiles('a'), tiles('b')], [2, 2]);
  await pass(GUARD);
  await eventually(() => tiles('a') + tiles('b') === 0, 'but not for ever');
});

t.test('who is registered over HTTP has a lease for that', async (t) => {
  const { registry, replica, set, tiles, pass } = await listed(t, ['a']);
  await registry.register({ id: 'own', name: 'Own', protocol: 'http', address: 'x', port: 1 }, 'claim');
  await set('own', { link: 'disconnected' });
  await set('a', { link: 'disconnected' });
  await pass(FORGET + 2);
  await eventually(() => tiles('a') === 0, 'the listed one is forgotten');
  t.ok(replica.copy.manifest.compositor('own'));
});

t.test('the daemon does so when connect.forget says it, and is published to again', async (t) => {
  const peers = new FakePeers();
  const { app, inject } = await build(t, {
    make: peers.make,
    settings: { connect: { interval: 0.1, timeout: 0.5, forget: 1 } },
    compositors: [{ id: 'wall', name: 'Wall', protocol: 'http', address: '127.0.0.1', port: 1 }],
  });
  const publish = () =>
    inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: { '0,0': { brick: 'a' } } });
  await publish();
  peers.down('wall');
  await eventually(() => app.replica.copy.manifest.tileCount === 0, 'its tiles are gone');
  t.match((await inject('/compositors/wall')).json, { status: 'disconnected', tiles: 0 });
  peers.up('wall');
  await eventually(() => app.registry.get('wall')?.status === 'connected', 'it is back');
  t.match(await publish(), { status: 200 });
  t.equal(app.registry.tileCount('wall'), 1);
});
