import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { writes } from '../support/world.ts';
import { CompositorClient } from './stand-ins/compositor-client.ts';

t.test('it follows tiles, and heartbeats go back and forth', async (t) => {
  const port = await freePort();
  const { app } = await build(t, {
    settings: { legacySocket: { host: '127.0.0.1', port }, stream: { heartbeat: 0.2 } },
  });
  await app.listen();
  await app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  const client = await CompositorClient.connect(t, `ws://127.0.0.1:${port}`);
  await app.publisher.patch('wall', writes({ '3,-4': 'wall.rts.png' }, 1_700_000_000.5));
  await eventually(() => client.tiles.length > 0 && client.heartbeats >= 3, 'a tile and heartbeats');
  t.strictSame(client.tiles, [{ x: 3, y: -4, brick: 'wall.rts.png', timestamp: 1_700_000_000.5 }]);
  t.ok(client.connected);
  t.same(client.unknown, [], 'nothing that it does not know');
});

t.test('it sees where a compositor looks', async (t) => {
  const peer = await WsPeer.start(t);
  const { app } = await build(t, {
    compositors: [{ id: 'wall', name: 'Wall', protocol: 'ws', address: peer.host, port: peer.port }],
  });
  const url = await app.listen();
  const client = await CompositorClient.connect(t, `${url.replace('http', 'ws')}/manifest/socket`);
  await eventually(() => peer.sockets.size > 0 && app.tileFeed.readers === 1, 'both are connected');
  const camera = {
    x: 1.5,
    y: 2,
    zoom: 0.5,
    target_x: 3,
    target_y: 4,
    target_zoom: 1,
    timestamp: 1_700_000_000,
  };
  peer.say({ type: 'camera_update', ...camera });
  await eventually(() => client.cameras.length > 0, 'a camera');
  t.match(client.cameras[0], { x: 1.5, zoom: 0.5, targetX: 3, targetZoom: 1, timestamp: 1_700_000_000 });
});
