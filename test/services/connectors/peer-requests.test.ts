// What a compositor asks over its own link must not cost it that link.
import t, { type Test } from 'tap';
import { eventually } from '../../failures/eventually.ts';
import { build, type BuildOptions } from '../../support/build.ts';
import { WsPeer } from '../../support/peers/ws-peer.ts';

/** A real compositor `wall`, connected. */
async function wall(t: Test, listed: boolean) {
  const peer = await WsPeer.start(t);
  const place = { protocol: 'ws', address: '127.0.0.1', port: peer.target.port! } as const;
  const compositors: BuildOptions['compositors'] = listed ? [{ id: 'wall', name: 'Wall', ...place }] : [];
  const { inject } = await build(t, { compositors, settings: { connect: { interval: 0.2 } } });
  if (!listed)
    await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600, ...place } });
  const entry = async () => (await inject('/compositors/wall')).json;
  await eventually(async () => (await entry()).status === 'connected', 'it is connected');
  const tiles = async () => Object.keys((await inject('/compositors/wall/tiles')).json as object);
  return { peer, place, entry, tiles };
}

t.test('a registration over a link that names no place keeps the link', async (t) => {
  // What went wrong: it replaced the entry whole, so the place was gone with which the link had been made, and the link too.
  const { peer, place, entry, tiles } = await wall(t, false);
  const registered = await peer.ask({ type: 'register', name: 'Great Wall', ttl: 30 });
  t.match(registered, { ok: true, body: { compositor: { name: 'Great Wall', ttl: 30, ...place } } });
  peer.say({ type: 'tile_update', x: 1, y: 2, brick: 'a' });
  await eventually(async () => (await tiles()).includes('1,2'), 'it is listened to');
  t.match(await entry(), { status: 'connected', ...place });
  t.equal(peer.connections, 1);
});

t.test('who is listed and says `leave` takes its tiles along, and stays', async (t) => {
  // What went wrong: its entry went too, and nobody connected to it any more until the configuration was read again.
  const { peer, place, entry, tiles } = await wall(t, true);
  await peer.ask({ type: 'tiles', tiles: { '1,2': { brick: 'a' } } });
  t.strictSame(await tiles(), ['1,2']);
  t.match(await peer.ask({ type: 'leave', generation: 'x' }), { ok: false }, 'it has no lease');
  t.match(await peer.ask({ type: 'leave' }), { ok: true, body: { changed: 1 } });
  t.strictSame(await tiles(), []);
  t.match(await entry(), { status: 'connected', managedBy: 'compositord', ...place });
  await peer.ask({ type: 'tiles', tiles: { '3,4': { brick: 'b' } } });
  t.strictSame(await tiles(), ['3,4']);
});
