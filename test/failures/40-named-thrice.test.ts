// FAILURES 40: compositors.json, a section and flags name the same compositor. It was two, or three, each with a connection.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { eventually } from './eventually.ts';

t.test('one compositor, named thrice, is one entry and one connection', async (t) => {
  const peer = await HttpPeer.start(t);
  const dir = await temporaryFolder(t);
  const name = 'Geometry Compositor 1';
  writeFileSync(join(dir, 'compositors.json'), JSON.stringify([{ name, version: '0.1.0' }]));
  writeFileSync(
    join(dir, 'compositord.yaml'),
    `compositor1:\n  name: "${name}"\n  port: ${peer.port}\n  address: 127.0.0.1\n  protocol: http\n`,
  );
  const daemon = await startDaemon(t, {
    dir,
    env: { COMPOSITORD_CONNECT_INTERVAL: '0.2' },
    args: [`--name=${name}`, `--port=${peer.port}`, '--address=127.0.0.1', '--protocol=http'],
  });
  const list = async () =>
    (await send('GET', `${daemon.url}/compositors`)).body.items as { status: string }[];
  await eventually(async () => (await list())[0]?.status === 'connected', 'it is connected');
  const probes = () => peer.requests.filter(({ url }) => url === '/health').length;
  const before = probes();
  await eventually(() => probes() >= before + 3, 'it is probed again and again');
  t.match(await list(), [
    { id: 'compositor1', name, version: '0.1.0', protocol: 'http', address: '127.0.0.1', port: peer.port },
  ]);
  t.equal((await list()).length, 1);
  t.equal(peer.connections, 1);
});
