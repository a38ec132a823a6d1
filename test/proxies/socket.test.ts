// What went wrong: the nginx of deploy/ dropped `Upgrade`, so that today's InfiniteMap had no socket in the very setup that Compose
// starts, and took no body of more than 1 MiB for a compositor's own API.
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startNginx } from '../support/nginx.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { TileClient } from '../support/tile-client.ts';
import { eventually } from '../failures/eventually.ts';

for (const [site, base] of [
  ['http', ''],
  ['subpath', '/compositord'],
] as const)
  t.test(`through deploy/nginx/${site}.conf`, async (t) => {
    const daemon = await startDaemon(t, base === '' ? {} : { args: [`--base-path=${base}`] });
    const nginx = await startNginx(t, { upstreams: [daemon.port], site });
    const url = nginx.url + base;
    const wall = await HttpPublisher.join(url, 'wall');

    t.test('the socket of today’s InfiniteMap', async (t) => {
      const map = await TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);
      await wall.patch({ '3,-4': { brick: 'wall.rts.png' } });
      await map.until(() => map.shown['3,-4'] === 'wall.rts.png', 'the tile');
    });

    t.test('a large body for a compositor’s own API, and back', async (t) => {
      const peer = await HttpPeer.start(t);
      // Not while it comes in: nginx does not carry an answer that overtakes its question.
      peer.onRequest = (request, response) => void buffer(request).then((body) => response.end(body));
      const entry = { name: 'Door', protocol: 'http', address: '127.0.0.1', port: peer.port };
      await send('PUT', `${url}/compositors/door`, entry);
      const status = async () => (await send('GET', `${url}/compositors/door`)).body.status;
      await eventually(async () => (await status()) === 'connected', 'it is connected');
      const body = Buffer.alloc(5_000_000, 'brick');
      const response = await fetch(`${url}/compositors/door/proxy/scene`, { method: 'PUT', body });
      t.equal(response.status, 200);
      t.ok(Buffer.from(await response.arrayBuffer()).equals(body));
    });

    t.test('no other URL is upgraded', async (t) => {
      const { status } = await TileClient.refusal(`${url.replace('http', 'ws')}/manifest`);
      t.equal(status, 200, 'it is a request like any other');
    });
  });
