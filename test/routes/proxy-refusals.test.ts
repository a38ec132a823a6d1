import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { SteppedClock } from '../failures/stepped-clock.ts';
import { freePort } from '../support/free-port.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { rawRequest } from '../support/raw-request.ts';
import { tokenFor } from '../support/tokens.ts';
import { wall } from './proxied-wall.ts';
import { ask, open } from './raw-exchange.ts';

t.test('who cannot be forwarded to', async (t) => {
  const { port, register, inject, peer } = await wall(t);
  const refused = async (id: string, status: number, code: string, detail: RegExp) =>
    t.match(await ask(t, port, `/compositors/${id}/proxy/a`), {
      status,
      headers: { 'content-type': /problem/, via: undefined },
      json: { type: `/problems/${code}`, detail },
    });
  await refused('nobody', 404, 'not-found', /no compositor "nobody"/);
  await refused('NoId', 400, 'invalid-request', /id/);
  await inject({ method: 'PUT', url: '/compositors/pusher', payload: { name: 'Pusher' } });
  await refused('pusher', 409, 'not-connected', /no address/);
  await register('socket', { protocol: 'ws' });
  await refused('socket', 409, 'not-connected', /protocol ws;/);
  await register('cloud', { address: '169.254.169.254', port: 80 });
  await refused('cloud', 409, 'not-connected', /is never allowed/);
  await register('cloud-name', { address: '[::ffff:169.254.169.254]', port: 80 });
  await refused('cloud-name', 409, 'not-connected', /is never allowed/);
  await register('lan', { address: '10.1.2.3' });
  await refused('lan', 409, 'not-connected', /connect.allow/);
  await register('itself', { port });
  await refused('itself', 409, 'not-connected', /this daemon itself/);
  await register('smuggler', { address: '127.0.0.1:1/x?' });
  await refused('smuggler', 409, 'not-connected', /neither a host name nor an IP address/);
  await register('closed', { port: await freePort() });
  await refused('closed', 502, 'bad-answer', /nothing listens there/);
  await inject({ method: 'PATCH', url: '/compositors/wall', payload: { enabled: false } });
  await refused('wall', 409, 'not-connected', /stopped/);
  t.equal(peer.requests.length, 0);
});

t.test('what cannot be passed on is a problem, and nothing of it comes through', async (t) => {
  const { peer, port, root } = await wall(t);
  for (const [mischief, detail] of [
    ['not-http', /./],
    ['huge-head', /16 KiB/],
  ] as const) {
    peer.mischief = mischief;
    t.match(
      await ask(t, port, `${root}/a`),
      { status: 502, json: { type: '/problems/bad-answer', detail } },
      mischief,
    );
  }
  peer.mischief = 'cut';
  const { request, response } = open(t, port, `${root}/a`);
  request.end();
  const reply = await response;
  await t.rejects(async () => {
    for await (const piece of reply) t.equal(String(piece), '{"half":');
  }, 'half a body does not look like a whole one');
});

t.test('a stale compositor is not forwarded to', async (t) => {
  const clock = new SteppedClock();
  const { app, port, register } = await wall(t, { clock });
  await register('door', { ttl: 10 });
  t.match(await ask(t, port, '/compositors/door/proxy/health'), { status: 200 });
  await clock.advance(13_000, app.store);
  t.match(await ask(t, port, '/compositors/door/proxy/health'), { status: 409, json: { detail: /stale/ } });
});

t.test('a request without a byte for a minute is given up; a stream with some lives on', async (t) => {
  const clock = new SteppedClock();
  const { app, peer, port, root } = await wall(t, { clock });
  peer.mischief = 'silent';
  const silent = ask(t, port, `${root}/a`);
  await peer.until(() => peer.requests.length === 1);
  await clock.advance(59_000, app.store);
  t.equal(peer.open, 1);
  await clock.advance(1000, app.store);
  t.match(await silent, { status: 504, json: { type: '/problems/timed-out' } });
  await peer.until(() => peer.open === 0);

  peer.mischief = undefined;
  const asked = new Promise<ServerResponse>((resolve) => {
    peer.onRequest = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      resolve(response);
    };
  });
  const { request, response } = open(t, port, `${root}/events`);
  request.end();
  const reply = await response;
  const stream = await asked;
  for (let minute = 0; minute < 3; minute++) {
    await clock.advance(59_000, app.store);
    stream.write(`data: ${minute}\n\n`);
    const [piece] = (await once(reply, 'data')) as [Buffer];
    t.equal(piece.toString(), `data: ${minute}\n\n`);
  }
  const ended = t.rejects(once(reply, 'end'), 'cut, not ended');
  await clock.advance(60_000, app.store);
  await ended;
  await peer.until(() => peer.open === 0);
});

t.test('the head of a reply counts as a sign of life', async (t) => {
  // What went wrong: only bytes of bodies counted, and a reply that began after 55 s and went on at 70 was cut at 60.
  const clock = new SteppedClock();
  const { app, peer, port, root } = await wall(t, { clock });
  const asked = new Promise<ServerResponse>((resolve) => {
    peer.onRequest = (_request, response) => resolve(response);
  });
  const { request, response } = open(t, port, `${root}/slow`);
  request.end();
  const there = await asked;
  await clock.advance(55_000, app.store);
  there.writeHead(200).flushHeaders();
  const first = once(await response, 'data');
  await clock.advance(15_000, app.store);
  there.write('at last');
  t.equal(String((await first)[0]), 'at last');
});

t.test('64 at a time for one compositor; others are not in its way', async (t) => {
  const { peer, port, root, register } = await wall(t);
  const other = await HttpPeer.start(t);
  await register('door', { port: other.port });
  peer.mischief = 'silent';
  const waiting = Array.from({ length: 64 }, () => {
    const { request } = open(t, port, `${root}/slow`);
    request.end();
    return request;
  });
  await peer.until(() => peer.requests.length === 64);
  t.match(await ask(t, port, `${root}/slow`), { status: 429, headers: { 'retry-after': '1' } });
  t.match(await ask(t, port, '/compositors/door/proxy/health'), { status: 200 });
  peer.mischief = undefined;
  waiting[0]!.destroy();
  await peer.until(() => peer.open === 63);
  t.match(await ask(t, port, `${root}/health`), { status: 200 });
});

t.test('other protocols are not spoken through it', async (t) => {
  const { port, root, peer } = await wall(t);
  const upgrade = async (protocol: string) =>
    rawRequest(
      `http://127.0.0.1:${port}`,
      `GET ${root}/health HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
    );
  t.match(await upgrade('websocket'), /^HTTP\/1.1 400 [^]*"field":"Upgrade"/);
  t.match(await upgrade('h2c'), /^HTTP\/1.1 200 /, 'an offer that may be left alone');
  t.equal(peer.requests.length, 1);
});

t.test('pages of other origins reach no compositor, not even with a GET', async (t) => {
  const listed = 'https://map.example';
  for (const origins of [undefined, [listed]]) {
    const { port, root, peer } = await wall(t, { settings: { cors: { ...(origins && { origins }) } } });
    const as = (headers: Record<string, string>, method = 'GET') =>
      ask(t, port, `${root}/health`, { method, headers });
    const forbidden = { status: 403, json: { type: '/problems/forbidden' } };
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'])
      t.match(await as({ origin: 'http://evil.example' }, method), { status: 403 }, method);
    t.match(await as({ origin: 'null' }), forbidden);
    for (const site of ['cross-site', 'same-site']) t.match(await as({ 'sec-fetch-site': site }), forbidden);
    const preflight = { origin: 'http://evil.example', 'access-control-request-method': 'GET' };
    t.match(await as(preflight, 'OPTIONS'), forbidden);
    t.equal(peer.requests.length, 0);

    for (const site of ['none', 'same-origin'])
      t.match(await as({ 'sec-fetch-site': site }), { status: 200 });
    t.match(await as({ origin: `http://127.0.0.1:${port}` }), { status: 200 }, 'our own page');
    const fromListed = await as({ origin: listed, 'sec-fetch-site': 'cross-site' });
    t.equal(fromListed.status, origins ? 200 : 403);
    t.equal(fromListed.headers['access-control-allow-origin'], origins ? listed : undefined);
    if (origins)
      t.match(await as({ origin: listed, 'access-control-request-method': 'PROPFIND' }, 'OPTIONS'), {
        status: 204,
        headers: { 'access-control-allow-methods': /PROPFIND/ },
      });
  }
});

t.test('nor where browsers do not say from which site a request comes', async (t) => {
  // What went wrong: only Sec-Fetch-Site was looked at, which browsers send over TLS and to localhost alone. An image on any page
  // reached the compositors of a daemon at http://map.lan.
  const { port, root, peer } = await wall(t, { settings: { hosts: ['map.lan'] } });
  const as = (headers: Record<string, string>, method = 'GET') =>
    ask(t, port, `${root}/health`, { method, headers: { host: `map.lan:${port}`, ...headers } });
  const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
  for (const headers of [
    firefox,
    { ...firefox, accept: 'image/avif,image/webp,*/*' },
    { ...firefox, referer: 'http://evil.example/' },
    { ...firefox, referer: `http://map.lan.evil.example:${port}/map` },
    { ...firefox, referer: `http://map.lan/map` },
    { ...firefox, referer: 'about:blank' },
    { ...firefox, referer: `http://map.lan:${port}/compositors/evil/proxy/page.html` },
    { referer: 'http://evil.example/' },
    { cookie: 'a=b' },
    { 'accept-language': 'de-DE,de;q=0.9' },
    { 'upgrade-insecure-requests': '1' },
  ])
    for (const method of ['GET', 'HEAD'])
      t.match(await as(headers, method), { status: 403 }, JSON.stringify(headers));
  t.equal(peer.requests.length, 0);

  for (const headers of [
    { ...firefox, referer: `http://map.lan:${port}/map` },
    { ...firefox, 'sec-fetch-site': 'same-origin' },
    { ...firefox, authorization: 'Bearer of-a-program' },
    { 'user-agent': 'curl/8.5.0', accept: '*/*' },
    { 'user-agent': 'node', accept: '*/*', 'accept-language': '*', 'sec-fetch-mode': 'cors' },
    { 'user-agent': 'Java/17', accept: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2' },
    {},
  ])
    t.match(await as(headers), { status: 200 }, JSON.stringify(headers));
  t.equal(peer.requests.length, 7);
});

t.test('it is for callers with the scope command, and for as long as they have it', async (t) => {
  const { app, peer, port, root } = await wall(t);
  const asked = new Promise<ServerResponse>((resolve) => {
    peer.onRequest = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      resolve(response);
    };
  });
  const tokens = tokenFor('operator', ['command']);
  app.tokens.replace({ auth: [tokens.entry], anonymous: ['read', 'write'] });
  t.match(await ask(t, port, `${root}/events`), { status: 401 });
  const { request, response } = open(t, port, `${root}/events`, { headers: tokens.headers });
  request.end();
  const reply = await response;
  t.equal(reply.statusCode, 200);
  const ended = t.rejects(once(reply, 'end'), 'its stream is cut');
  const closed = new Promise((resolve) => void asked.then((stream) => stream.once('close', resolve)));
  app.tokens.replace({ auth: [], anonymous: ['read', 'write'] });
  await ended;
  await closed;
});

// What went wrong: an upload that its compositor breaks off loses its connection, and behind a proxy the line of the log looked for
// the client's address there, and failed: there was no line.
t.test('an upload that breaks off leaves its line in the log, with the address of the client', async (t) => {
  const { peer, port, root, log } = await wall(t, { settings: { trustProxy: ['127.0.0.1'] } });
  peer.onRequest = (request) => void request.once('data', () => request.destroy());
  const headers = { 'content-length': '1000000', 'x-forwarded-for': '203.0.113.9' };
  const { request, response } = open(t, port, `${root}/up`, { method: 'POST', headers });
  request.write('the beginning');
  t.equal((await response).statusCode, 502);
  await eventually(() => log.some(({ status }) => status === 502), 'the line');
  t.match(
    log.find(({ status }) => status === 502),
    { address: '203.0.113.9', url: `${root}/up` },
  );
});
