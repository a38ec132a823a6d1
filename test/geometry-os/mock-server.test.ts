// What `test_server.py` checks of `mock_server.py`, it finds here, too.
import t from 'tap';
import { writeTiles } from '../routes/write-tiles.ts';
import { build } from '../support/build.ts';
import { testHttpApi, testWebSocket } from './stand-ins/test-server.ts';

t.test('the HTTP half of its own test', async (t) => {
  const built = await build(t, { settings: { geometryOs: 'on' } });
  await writeTiles(built, 'wall', { '8192,8192': { brick: 'system_core' } });
  await t.resolves(testHttpApi(await built.app.listen()));
});

t.test('the WebSocket half', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  await t.resolves(testWebSocket(t, `${url.replace('http', 'ws')}/manifest/socket`));
});
