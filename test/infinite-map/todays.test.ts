// A page written for today's InfiniteMap runs against the daemon, unchanged.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { writes } from '../support/world.ts';
import { InfiniteMap } from './infinite-map.ts';

t.test('it draws what the file has, then each change at once, and answers heartbeats', async (t) => {
  const wsPort = await freePort();
  const { app } = await build(t, {
    settings: { legacySocket: { host: '127.0.0.1', port: wsPort }, stream: { heartbeat: 0.5 } },
  });
  const origin = await app.listen();
  await app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  await app.publisher.patch('wall', writes({ '3,-4': 'wall.png', '0,0': 'origin.png' }));

  // So seldom that what comes next can only come by the socket.
  const map = new InfiniteMap({ origin, wsPort, pollInterval: 1_000_000 });
  t.teardown(() => map.destroy());
  await eventually(() => map.tiles.size === 2 && app.tileFeed.readers === 1, 'the file, and the socket');
  t.match(map.tiles.get('3,-4'), { brick: 'wall.png', timestamp: Number });

  await app.publisher.patch('wall', writes({ '3,-4': 'new.png', '5,5': 'more.png' }));
  await eventually(() => map.tiles.get('5,5')?.brick === 'more.png', 'a new tile');
  t.equal(map.tiles.get('3,-4')?.brick, 'new.png');
  await eventually(() => map.heartbeats >= 3, 'heartbeats');
  t.equal(app.tileFeed.readers, 1);
});

t.test(
  'by the file alone: its query is ignored, and nothing is in it but bricks and timestamps',
  async (t) => {
    const { app, inject } = await build(t);
    const origin = await app.listen();
    await app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
    const map = new InfiniteMap({ origin, wsPort: await freePort(), pollInterval: 50 });
    t.teardown(() => map.destroy());
    await eventually(() => map.polls > 0, 'an empty file');
    await app.publisher.patch('wall', writes({ '1,2': 'a.png' }, 1_700_000_000.5));
    await eventually(() => map.tiles.has('1,2'), 'a tile');
    const file = await inject('/builder/map/manifest.json?t=1700000000000&anything=[]');
    t.strictSame(file.json, { '1,2': { brick: 'a.png', timestamp: 1_700_000_000.5 } });
    const again = await inject({
      url: '/builder/map/manifest.json?t=1700000002000',
      headers: { 'if-none-match': String(file.headers['etag']) },
    });
    t.equal(again.status, 304, 'whatever time it is');
  },
);

t.test('what a compositor says over its own WebSocket is on the page: tiles and cameras', async (t) => {
  const peer = await WsPeer.start(t);
  const wsPort = await freePort();
  const { app } = await build(t, {
    settings: { legacySocket: { host: '127.0.0.1', port: wsPort } },
    compositors: [{ id: 'wall', name: 'Wall', protocol: 'ws', address: peer.host, port: peer.port }],
  });
  const map = new InfiniteMap({ origin: await app.listen(), wsPort, pollInterval: 1_000_000 });
  t.teardown(() => map.destroy());
  await eventually(() => peer.sockets.size > 0 && app.tileFeed.readers === 1, 'both are connected');

  const camera = { type: 'camera_update', x: 1.5, y: -2, zoom: 0.25 };
  peer.say({ type: 'tile_update', x: 3, y: -4, brick: 'wall.png', timestamp: 1_700_000_000.5 });
  peer.say(camera);
  await eventually(() => map.cameras.length > 0 && map.tiles.size > 0, 'both arrive');
  t.strictSame(map.cameras, [camera], 'as it was said');
  t.strictSame(map.tiles.get('3,-4'), { brick: 'wall.png', timestamp: 1_700_000_000.5 });
});
