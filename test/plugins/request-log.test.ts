import { get, type IncomingMessage } from 'node:http';
import t from 'tap';
import { withoutSecrets } from '../../src/plugins/without-secrets.ts';
import { openStream } from '../../src/conformance/event-source.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';

const alice = tokenFor('alice', ['admin']);
const eye = tokenFor('eye', ['read']);

t.test('who did what, from where, and what came of it', async (t) => {
  const { inject, log } = await build(t, {
    settings: { auth: [alice.entry, eye.entry], trustProxy: true },
  });
  const from = (request: object) =>
    inject({
      headers: { ...alice.headers, 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'r-1' },
      ...request,
    });
  const lines = () => log.splice(0).filter(({ msg, level }) => msg === 'request' && Number(level) >= 30);
  const about = { principal: 'alice', address: '203.0.113.7', reqId: 'r-1' };
  const wall = '/compositors/wall';
  const tiles = { method: 'PATCH', url: `${wall}/tiles`, payload: { '1,1': { brick: 'a' } } };

  await from({ method: 'PUT', url: wall, payload: { name: 'Wall' } });
  t.match(lines(), [{ ...about, method: 'PUT', url: wall, status: 201, changed: 1, cursor: /^1-/ }]);
  await from(tiles);
  t.match(lines(), [{ ...about, method: 'PATCH', url: `${wall}/tiles`, status: 200, changed: 1 }]);
  for (const quiet of [
    tiles,
    { method: 'PUT', url: `${wall}/lease` },
    { method: 'GET', url: '/manifest' },
    { method: 'GET', url: '/compositors' },
  ])
    await from(quiet);
  t.strictSame(lines(), [], 'what changes nothing leaves no line');
  await from({ method: 'POST', url: `${wall}/commands`, payload: { command: 'blink' } });
  t.match(lines(), [{ ...about, method: 'POST', status: 409, problem: 'not-connected' }]);
  await from({ method: 'POST', url: '/session', payload: { token: eye.token } });
  await from({ method: 'POST', url: '/session', payload: { token: 'guess' } });
  await from({ method: 'DELETE', url: '/session' });
  t.match(lines(), [
    { url: '/session', status: 204, address: '203.0.113.7' },
    { url: '/session', status: 401, problem: 'unauthorized', address: '203.0.113.7' },
    { method: 'DELETE', url: '/session', status: 204 },
  ]);
  await from({ method: 'DELETE', url: wall });
  t.match(lines(), [{ ...about, method: 'DELETE', url: wall, status: 200, changed: 2 }]);

  for (const url of ['/manifest', '/manifest/stream', '/manifest/socket'])
    await from({ url, headers: { authorization: 'Bearer wrong', 'x-forwarded-for': '203.0.113.8' } });
  const refused = { status: 401, problem: 'unauthorized', address: '203.0.113.8', principal: undefined };
  t.match(lines(), [refused, refused, refused], 'streams that are refused, too');
  await from({ method: 'PUT', url: wall, payload: { name: 'Wall' }, headers: eye.headers });
  t.match(lines(), [{ status: 403, problem: 'forbidden', principal: 'eye' }]);
});

t.test('an address counts as a proxy says it only from a trusted proxy', async (t) => {
  const { inject, log } = await build(t);
  await inject({ url: '/nothing', headers: { 'x-forwarded-for': '203.0.113.7' } });
  t.match(log.at(-1), { address: '127.0.0.1', status: 404, problem: 'not-found' });
});

t.test('every reply names its request, and a line its trace', async (t) => {
  const { inject, app, log } = await build(t, { settings: { basePath: '/maps' } });
  const id = 'given.id-1';
  for (const url of ['/maps/manifest', '/maps/nothing', '/maps/map', '/maps/openapi.json', '/maps/%'])
    t.equal((await inject({ url, headers: { 'x-request-id': id } })).headers['x-request-id'], id, url);
  t.match((await inject('/maps/manifest')).headers['x-request-id'], /^[0-9a-f-]{36}$/);
  const unsafe = await inject({ url: '/maps/manifest', headers: { 'x-request-id': 'a b"' } });
  t.match(unsafe.headers['x-request-id'], /^[0-9a-f-]{36}$/);

  const url = await app.listen();
  const opened = (path: string, headers: Record<string, string> = {}) =>
    new Promise<string | string[] | undefined>((resolve, reject) => {
      const asked = get(url.replace(/\/maps$/, '') + path, { headers: { 'x-request-id': id, ...headers } });
      const end = (reply: IncomingMessage) => {
        asked.destroy();
        resolve(reply.headers['x-request-id']);
      };
      asked.on('response', end).on('upgrade', end).on('error', reject);
    });
  t.equal(await opened('/maps/manifest/stream'), id);
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  t.equal(await opened('/maps/manifest/socket', upgrade), id);

  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  log.length = 0;
  for (const traceparent of [
    `00-${trace}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${trace}-00f067aa0ba902b7`,
    'x',
  ])
    await inject({ url: '/maps/nothing', headers: { traceparent } });
  t.strictSame(
    log.map((line) => line['trace']),
    [trace, undefined, undefined, undefined],
  );
});

t.test('a stream says whose it is, and why it ended', async (t) => {
  const { app, log } = await build(t, { settings: { auth: [alice.entry, eye.entry] } });
  const url = await app.listen();
  const open = async (headers: Record<string, string>) =>
    openStream({ url: `${url}/manifest/stream?view=0,0,9,9`, headers });
  const left = await open(eye.headers);
  await eventually(() => app.feed.readers === 1, 'it is open');
  left.destroy();
  const ends = () => log.filter(({ msg }) => msg === 'stream ends');
  await eventually(() => ends().length === 1, 'its client left');
  const revoked = await open(eye.headers);
  await eventually(() => app.feed.readers === 1, 'another');
  app.tokens.replace({ auth: [alice.entry], anonymous: [] });
  await eventually(() => ends().length === 2, 'its token was revoked');
  revoked.destroy();
  const who = { principal: 'eye', address: '127.0.0.1' };
  t.match(
    log.filter(({ msg }) => msg === 'stream begins'),
    [
      { ...who, view: 'view=0,0,9,9' },
      { ...who, view: 'view=0,0,9,9' },
    ],
  );
  t.match(ends(), [
    { ...who, reason: 'client' },
    { ...who, reason: 'unauthorized' },
  ]);
});

t.test('nothing secret is in a URL of the log, however it is written', async (t) => {
  for (const name of [
    ...['access_token', 'token', 'Token', 'id_token', 'auth', 'authorization', 'bearer', 'jwt', 'JWT'],
    ...['sig', 'Signature', 'X-Amz-Signature', 'X-Amz-Credential', 'apikey', 'api_key', 'api-key', 'api.key'],
    ...[
      'key',
      'pwd',
      'password',
      'passwd',
      'passphrase',
      'secret',
      'client_secret',
      'session',
      'cookie',
      'code',
    ],
    ...['%61ccess_token', 'access%5Ftoken', '%2561ccess_token', '%6a%77%74', 's%69g'],
  ])
    for (const before of ['/manifest?', '/manifest?view=0,0,1,1&', '/a?b;'])
      t.equal(withoutSecrets(`${before}${name}=hunter2`), `${before}${name}=***`);
  t.equal(withoutSecrets('/a?token=x=y&view=1,1,2,2'), '/a?token=***&view=1,1,2,2');
  t.equal(withoutSecrets('/u/cmp_hunter2/x'), '/u/cmp_***/x');
  t.equal(withoutSecrets('/x/eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln?a=1'), '/x/eyJ***?a=1');
  t.equal(withoutSecrets('http://user:hunter2@host/x'), 'http://user:***@host/x');
  for (const plain of [
    '/manifest?view=0,0,9,9&compositor=wall',
    '/manifest/changes?since=1042-9f3a2c1b&wait=30',
    '/compositors?label=room%3Dlobby&after=desk',
    '/compositors/wall/proxy/a:b/c@d',
  ])
    t.equal(withoutSecrets(plain), plain);
});
