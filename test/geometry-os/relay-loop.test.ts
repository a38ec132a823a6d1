// What could go wrong: two daemons that each know the other's socket as a compositor pass on to each other what they got from each other.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { TileClient } from '../support/tile-client.ts';

t.test('between two daemons nothing goes round', async (t) => {
  const ports = [await freePort(), await freePort()];
  const peer = await WsPeer.start(t);
  const daemons = await Promise.all(
    ports.map(async (port, i) => {
      const other = { protocol: 'ws', address: '127.0.0.1', port: ports[1 - i]! } as const;
      const { app } = await build(t, {
        settings: {
          listen: { host: '127.0.0.1', port: 0 },
          legacySocket: { host: '127.0.0.1', port },
          stream: { heartbeat: 300 },
          connect: { interval: 0.2 },
        },
        compositors: [
          { id: 'other', name: 'Other', ...other },
          ...(i === 0
            ? [{ id: 'wall', name: 'Wall', protocol: 'ws' as const, address: peer.host, port: peer.port }]
            : []),
        ],
      });
      await app.listen();
      return app;
    }),
  );
  const open = (port: number) => TileClient.open(t, `ws://127.0.0.1:${port}`);
  const isConnected = (app: (typeof daemons)[0], id: string) =>
    app.replica.copy.manifest.compositor(id)?.status === 'connected';
  await eventually(() => daemons.every((app) => isConnected(app, 'other')), 'they are connected');
  await eventually(() => isConnected(daemons[0]!, 'wall'), 'and the wall is');
  const [near, there] = [await open(ports[0]!), await open(ports[1]!)];
  const speaking = await open(ports[0]!);
  // From now on each takes part at the other.
  near.send({ type: 'camera_update', who: 'hello' });
  there.send({ type: 'camera_update', who: 'hello' });
  for (const client of [near, there])
    await client.until(({ messages }) => messages.some(({ who }) => who === 'hello'), 'the other');
  // By the time of the last command everything that could go round has done so many times.
  for (let n = 0; n < 30; n++) {
    speaking.send({ type: 'control_command', n });
    if (n === 0) {
      speaking.send({ type: 'camera_update', who: 'browser' });
      peer.say({ type: 'camera_update', who: 'wall' });
    }
  }
  const last = (client: TileClient) => client.messages.some(({ n }) => n === 29);
  for (const client of [near, there]) await client.until(last, 'the last command');
  const cameras = (client: TileClient) =>
    client.of('camera_update').flatMap(({ who }) => (who === 'hello' ? [] : [String(who)]));
  t.same(cameras(near).toSorted(), ['browser', 'wall']);
  t.same(new Set(cameras(there)), new Set(['browser']), 'what compositors say stays with their daemon');
  t.ok(cameras(there).length <= 2, 'over each of the two connections once');
  t.equal(near.of('control_command').length, 30);
  t.ok(there.of('control_command').length <= 60);
});
