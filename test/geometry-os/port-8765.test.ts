// The Rust compositor and InfiniteMap both know port 8765 of this host: whoever comes first has it.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { build } from '../support/build.ts';
import { TileClient } from '../support/tile-client.ts';

async function takenPort(t: Test): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('a daemon that was started for Geometry OS serves without it, and says what to do', async (t) => {
  const port = await takenPort(t);
  const { app, log } = await build(t, {
    settings: { legacySocket: { host: '127.0.0.1', port, mayBeTaken: true } },
  });
  const url = await app.listen();
  const [line] = log.filter(({ msg }) => String(msg).includes('without legacySocket'));
  t.match(line, { level: 40, host: '127.0.0.1', port, reason: /EADDRINUSE/ });
  t.match(line?.['msg'], `websocketUrl: '${url.replace('http', 'ws')}/manifest/socket'`);
  await TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);
});

t.test('an address that somebody gave must be free', async (t) => {
  const port = await takenPort(t);
  const { app } = await build(t, { settings: { legacySocket: { host: '127.0.0.1', port } } });
  await t.rejects(app.listen(), { code: 'EADDRINUSE' });
});

t.test('one that is free is used, and nothing is said', async (t) => {
  const { app, log } = await build(t, {
    settings: { legacySocket: { host: '127.0.0.1', port: 0, mayBeTaken: true } },
  });
  await app.listen();
  t.notOk(log.some(({ level }) => Number(level) >= 40));
});
