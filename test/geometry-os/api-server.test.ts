import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { writeTiles } from '../routes/write-tiles.ts';
import { build } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { readPng } from '../support/read-png.ts';
import { ApiServer } from './stand-ins/api-server.ts';

t.test(
  'it is a compositor as it is: connected, with its own API behind the proxy, and its pictures',
  async (t) => {
    const api = await ApiServer.start(t);
    const built = await build(t, {
      settings: { bricks: { fromOwners: true } },
      compositors: [{ id: 'rust', name: 'Rust', protocol: 'http', address: '127.0.0.1', port: api.port }],
    });
    const url = await built.app.listen();
    await eventually(
      async () => (await built.inject('/compositors/rust')).json.status === 'connected',
      'connected',
    );
    const scan = await send('GET', `${url}/compositors/rust/proxy/api/scan`);
    t.match(scan, { status: 200, body: { poi: [{ brick: 'Alpine_VM', is_focused: true }] } });
    const spawned = await send('POST', `${url}/compositors/rust/proxy/api/terminal/spawn`, {
      rows: 24,
      cols: 80,
    });
    t.match(spawned, { status: 200, body: { success: true } });
    t.strictSame(api.calls, [{ method: 'POST', path: '/api/terminal/spawn', body: { rows: 24, cols: 80 } }]);

    await writeTiles(built, 'rust', { '1200,0': { brick: 'Alpine_VM' } });
    const picture = await fetch(`${url}/builder/queue/Alpine_VM`);
    t.match(
      readPng(Buffer.from(await picture.arrayBuffer())),
      { width: 4, height: 4 },
      'its own, and not one that is drawn',
    );
    t.match((await built.inject('/api/scan')).json, { poi: [{ x: 1200, y: 0, brick: 'Alpine_VM' }] });
  },
);
