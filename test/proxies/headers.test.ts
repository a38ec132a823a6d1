// What must survive the way through a proxy: who asks (CORS), where a reader was (Last-Event-ID), ETags that gzip has weakened, and
// what must not: whatever a client says about itself.
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { readOpening } from '../failures/opening.ts';
import { startDaemon } from '../support/daemon.ts';
import { openStream } from '../../src/conformance/event-source.ts';
import { send } from '../support/http-client.ts';
import { startNginx } from '../support/nginx.ts';
import { rawRequest } from '../support/raw-request.ts';

t.test('through deploy/nginx/http.conf', async (t) => {
  const daemon = await startDaemon(t, {
    args: ['--cors-origins=https://map.example', '--trust-proxy=127.0.0.1', '--log-level=debug'],
  });
  const nginx = await startNginx(t, { upstreams: [daemon.port], site: 'http' });
  const wall = await HttpPublisher.join(nginx.url, 'wall');
  const tiles = `${nginx.url}/compositors/wall/tiles`;
  const bricks = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i},0`, { brick: 'b' }]));

  t.test('CORS, on the stream too', async (t) => {
    const origin = { Origin: 'https://map.example' };
    const stream = await openStream({ url: `${nginx.url}/manifest/stream`, headers: origin });
    t.equal(stream.headers['access-control-allow-origin'], 'https://map.example');
    t.match(stream.headers['vary'], /Origin/);
    t.equal(stream.headers['x-accel-buffering'], undefined, 'was for nginx');
    stream.destroy();
    const stranger = await send('GET', `${nginx.url}/manifest`, undefined, {
      Origin: 'https://other.example',
    });
    t.equal(stranger.headers.get('access-control-allow-origin'), null);
    const preflight = await send('OPTIONS', tiles, undefined, {
      ...origin,
      'Access-Control-Request-Method': 'PATCH',
    });
    t.equal(preflight.status, 204);
    t.match(preflight.headers.get('access-control-allow-methods'), /PATCH/);
  });

  t.test(
    "a page may write when it is the proxy's own, by its Host and by nothing a client may forge",
    async (t) => {
      const write = async (headers: Record<string, string>) =>
        (await send('PATCH', tiles, { '0,0': { brick: 'own' } }, headers)).status;
      t.equal(await write({ Origin: nginx.url }), 200);
      t.equal(await write({ Origin: 'https://map.example' }), 200);
      t.equal(await write({ Origin: 'http://evil.example' }), 403);
      const forged = {
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-For': '127.0.0.1',
        Forwarded: 'host=evil.example',
      };
      t.equal(await write({ Origin: 'http://evil.example', ...forged }), 403);
      t.equal(await write({ Origin: 'http://evil.example', 'X-Forwarded-Proto': 'https', ...forged }), 403);
    },
  );

  t.test('another name gets 421, before the daemon sees it', async (t) => {
    const head = 'GET /manifest HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n';
    const reply = await rawRequest(nginx.url, head);
    t.match(reply, /^HTTP\/1.1 421 /);
    t.match(reply, /Content-Type: application\/problem\+json/i);
    const problem = JSON.parse(reply.slice(reply.indexOf('\r\n\r\n'))) as { title: string };
    const own = await fetch(`${daemon.url}/problems/misdirected`);
    t.match(await own.text(), problem.title, 'in the words of the daemon');
  });

  t.test('Last-Event-ID', async (t) => {
    const before = wall.cursor;
    await wall.patch({ '5,5': { brick: 'missed' } });
    const resumed = await readOpening(t, `${nginx.url}/manifest/stream`, before);
    t.equal(resumed.names, 'patch synced', 'one patch, no snapshot');
    t.ok(resumed.tiles.has('5,5'));
    const lost = await readOpening(t, `${nginx.url}/manifest/stream`, '999-00000000');
    t.match(lost, { names: 'snapshot synced', reason: 'reset' });
  });

  t.test('an ETag that gzip has weakened still leads to 304', async (t) => {
    await wall.patch(bricks(100));
    const first = await send('GET', `${nginx.url}/manifest`, undefined, { 'Accept-Encoding': 'gzip' });
    t.equal(first.headers.get('content-encoding'), 'gzip');
    const etag = first.headers.get('etag') ?? '';
    t.match(etag, /^W\//);
    const again = await send('GET', `${nginx.url}/manifest`, undefined, { 'If-None-Match': etag });
    t.equal(again.status, 304);
  });

  t.test('a body that is too large is refused before the daemon sees it', async (t) => {
    const body = { '0,0': { brick: 'b'.repeat(1_200_000) } };
    const reply = await send('PATCH', tiles, body);
    t.match(reply, { status: 413, body: { type: '/problems/too-large', status: 413 } });
    const own = await fetch(`${daemon.url}/problems/too-large`);
    t.match(await own.text(), reply.body.title, 'in the words of the daemon');
  });

  t.test('one request has one id in both logs', async (t) => {
    const { status } = await send('GET', `${nginx.url}/manifest?view=41,42,43,44`);
    t.equal(status, 200);
    const line = /"GET \/manifest\?view=41,42,43,44 HTTP\/1.1" 200 .* ([0-9a-f]{32})$/m.exec(
      await nginx.accessLog(),
    );
    t.ok(line, 'the access log has it');
    t.match(daemon.stderr, line?.[1]);
  });
});

t.test('a daemon on loopback does not answer to the name of an upstream, and says why', async (t) => {
  const daemon = await startDaemon(t);
  const nginx = await startNginx(t, {
    upstreams: [daemon.port],
    site: { http: 'proxy_set_header Host compositord;' },
  });
  const reply = await send('GET', `${nginx.url}/manifest`);
  t.match(reply, { status: 421, body: { type: /misdirected$/, detail: /compositord/ } });
});
