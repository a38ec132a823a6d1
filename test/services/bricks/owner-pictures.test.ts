import t, { type Test } from 'tap';
import { build } from '../../support/build.ts';
import { HttpPeer } from '../../support/peers/http-peer.ts';
import { writeTiles } from '../../routes/write-tiles.ts';

const PNG = Buffer.from('89504e470d0a1a0a0102', 'hex');

/** A daemon that gets pictures from owners, and a compositor with a tile of the brick `wall.png`. */
async function world(t: Test, missing: 'draw' | '404' = '404') {
  const built = await build(t, {
    settings: { bricks: { fromOwners: true, missing }, connect: { allow: ['loopback'] } },
  });
  const peer = await HttpPeer.start(t);
  const { protocol, address, port } = peer.target;
  await built.inject({
    method: 'PUT',
    url: '/compositors/wall',
    payload: { name: 'Wall', protocol, address, port, ttl: 3600 },
  });
  await writeTiles(built, 'wall', { '3,-4': { brick: 'wall.png' } });
  const requests: string[] = [];
  const answer = (type: string, body: Buffer, status = 200, headers = {}) => {
    peer.onRequest = (request, response) => {
      requests.push(request.url!);
      response.writeHead(status, { 'content-type': type, ...headers }).end(body);
    };
  };
  answer('image/png', PNG);
  return { ...built, peer, requests, answer };
}

t.test('a picture that is missing comes from the owner of such a tile, once for all', async (t) => {
  const { inject, requests } = await world(t);
  const replies = await Promise.all([1, 2, 3].map(() => inject('/builder/queue/wall.png?t=1')));
  for (const { status, headers, text } of replies) {
    t.equal(status, 200);
    t.match(headers, { 'content-type': 'image/png', 'content-security-policy': /sandbox/ });
    t.ok(text.includes('PNG'));
  }
  t.strictSame(requests, ['/builder/queue/wall.png']);
  const { headers } = replies[0]!;
  t.match(
    await inject({ url: '/builder/queue/wall.png', headers: { 'if-none-match': String(headers['etag']) } }),
    { status: 304 },
  );
});

t.test('nobody is bothered for a brick that nobody has', async (t) => {
  const { inject, requests } = await world(t);
  t.match(await inject('/builder/queue/other.png'), { status: 404 });
  t.strictSame(requests, []);
});

t.test('what is no picture is none', async (t) => {
  for (const [type, body, status, headers] of [
    ['text/html', PNG, 200, {}],
    ['image/png', PNG, 404, {}],
    ['image/png', Buffer.alloc(0), 200, {}],
    ['image/png', Buffer.alloc(5_000_000), 200, {}],
    ['image/png', PNG, 200, { 'content-encoding': 'gzip' }],
    ['image/png', PNG, 302, { location: 'http://127.0.0.1:1/' }],
  ] as const) {
    const { inject, answer } = await world(t);
    answer(type, body, status, headers);
    t.match(await inject('/builder/queue/wall.png'), { status: 404 }, `${status} ${type} ${body.length}`);
  }
});

t.test('an owner that cannot be reached has no picture, which is then drawn', async (t) => {
  const { inject, peer } = await world(t, 'draw');
  await peer.stop();
  t.match(await inject('/builder/queue/wall.png'), { status: 200, headers: { 'content-type': 'image/png' } });
});

t.test('without the setting owners are left alone', async (t) => {
  const { inject, requests, peer } = await world(t);
  const other = await build(t, { settings: { bricks: { missing: '404' } } });
  const { protocol, address, port } = peer.target;
  await other.inject({
    method: 'PUT',
    url: '/compositors/wall',
    payload: { name: 'Wall', protocol, address, port },
  });
  await writeTiles(other, 'wall', { '3,-4': { brick: 'wall.png' } });
  t.match(await other.inject('/builder/queue/wall.png'), { status: 404 });
  t.strictSame(requests, []);
  t.match(await inject('/builder/queue/wall.png'), { status: 200 });
});
