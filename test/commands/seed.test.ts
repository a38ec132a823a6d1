// What whoever asked for this daemon typed, word for word, with a real compositor behind it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';

const INFO = { version: '0.1.0', platform: 'linux', fps: 60 };

async function compositor(t: Parameters<typeof HttpPeer.start>[0]): Promise<HttpPeer> {
  const peer = await HttpPeer.start(t);
  peer.info = INFO;
  return peer;
}

/** The compositor as the daemon shows it, once it is connected. */
async function shown({ url }: Daemon, id: string): Promise<Record<string, unknown>> {
  let body: Record<string, unknown> = {};
  await eventually(async () => {
    ({ body } = await send('GET', `${url}/compositors/${id}`));
    return body['status'] === 'connected' && body['info'] !== undefined;
  }, 'connected, with its information');
  return body;
}

t.test('the command line', async (t) => {
  const peer = await compositor(t);
  const daemon = await startDaemon(t, {
    args: ['--name=Geometry Compositor 1', `--port=${peer.port}`, '--address=127.0.0.1', '--protocol=http'],
  });
  t.match(await shown(daemon, 'geometry-compositor-1'), {
    id: 'geometry-compositor-1',
    name: 'Geometry Compositor 1',
    status: 'connected',
    info: INFO,
  });
  const health = await send('GET', `${daemon.url}/compositors/geometry-compositor-1/health`);
  t.match(health.body, { state: 'connected' });
});

t.test('the YAML', async (t) => {
  const peer = await compositor(t);
  const dir = await temporaryFolder(t);
  writeFileSync(
    join(dir, 'compositord.yaml'),
    `compositor1:
  name: "Geometry Compositor 1"
  port: ${peer.port}
  address: 127.0.0.1
  protocol: http
`,
  );
  // That it is gone is seen after three looks.
  const daemon = await startDaemon(t, { dir, env: { COMPOSITORD_CONNECT_INTERVAL: '0.5' } });
  t.match(await shown(daemon, 'compositor1'), { name: 'Geometry Compositor 1', info: INFO });

  await peer.stop();
  await eventually(
    async () => (await send('GET', `${daemon.url}/compositors/compositor1`)).body.status === 'disconnected',
    'it is gone, and that is seen',
    60_000,
  );
  const { body } = await send('GET', `${daemon.url}/compositors?status=connected`);
  t.same(body.items, [], 'it has left the list of those that are connected');
});
