import type { RouteOptions } from 'fastify';
import t from 'tap';
import { SCOPES } from '../../src/domain/token.ts';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';

const eye = tokenFor('eye', ['read']);
const wall = tokenFor('wall', ['write'], ['wall']);
const boss = tokenFor('boss', ['admin']);
const auth = [eye.entry, wall.entry, boss.entry];
const wallBody = { method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } } as const;

t.test('every route says what it is for, and only a few are for everybody', async (t) => {
  const routes: RouteOptions[] = [];
  await build(t, {
    register: (server) => void server.addHook('onRoute', (route) => void routes.push(route)),
  });
  const open = new Set<string>();
  for (const { method, url, config } of routes) {
    const name = `${[method].flat().join()} ${url}`;
    const scope = config?.scope;
    t.ok(scope === 'open' || SCOPES.includes(scope!), `${name}: { config: { scope: … } }`);
    if (scope === 'open' && !url.startsWith('/docs')) open.add(`${[method].flat()[0]!} ${url}`);
    // What a browser shows and a page runs; no data.
    const reads = config?.isRead === true || ['GET', 'HEAD'].includes([method].flat()[0]!);
    t.ok(scope !== 'read' || reads, `${name} writes, and asks for the scope read`);
  }
  for (const url of ['/', '/health/live', '/health/ready', '/openapi.json', '/problems', '/problems/:code'])
    t.ok(open.has(`GET ${url}`), url);
  const known =
    /^(?:GET|HEAD) \/(?:|health\/(?:live|ready)|openapi\.json|problems.*|map.*|(?:client|publish)\.js.*)$|^(?:POST|DELETE) \/session$/;
  for (const name of open) t.match(name, known, 'open, and on the list');
});

t.test('without a token: nothing but what is for everybody', async (t) => {
  const { inject } = await build(t, { settings: { auth } });
  for (const request of [
    '/manifest',
    '/manifest/stream',
    '/manifest/tiles',
    '/builder/map/manifest.json?t=1',
    '/builder/queue/wall.png?t=1',
    '/builder/metadata/silicon_district.json',
    '/api/chunk?x=0&y=0',
    '/api/region?x=0&y=0&w=1&h=1',
    '/api/scan',
    '/compositors',
    '/health',
    { method: 'HEAD', url: '/manifest' } as const,
    wallBody,
    { method: 'DELETE', url: '/compositors/wall' } as const,
  ]) {
    const reply = await inject(request);
    t.equal(reply.status, 401, JSON.stringify(request));
    t.equal(reply.headers['www-authenticate'], 'Bearer realm="compositord"');
  }
  t.match(await inject('/manifest'), { json: { type: '/problems/unauthorized' } });
  t.match(await inject('/manifest/stream'), { headers: { connection: 'close' } });
  for (const url of ['/', '/health/live', '/health/ready', '/problems', '/openapi.json', '/docs/'])
    t.equal((await inject(url)).status, 200, url);
  t.equal((await inject('/nothing')).status, 404);
  t.equal((await inject({ method: 'PUT', url: '/manifest' })).status, 405);
});

t.test('a token does what its scopes say', async (t) => {
  const { inject, app } = await build(t, { settings: { auth } });
  const read = (headers: Record<string, string>) => inject({ url: '/manifest', headers });
  const write = (headers: Record<string, string>) => inject({ ...wallBody, headers });
  t.match(await read(eye.headers), { status: 200 });
  t.match(await read({ authorization: eye.headers.authorization.replace('Bearer', 'bEARER ') }), {
    status: 200,
  });
  const refused = await write(eye.headers);
  t.match(refused, { status: 403, json: { type: '/problems/forbidden', detail: /scope write/ } });
  t.equal(
    refused.headers['www-authenticate'],
    'Bearer realm="compositord", error="insufficient_scope", scope="write"',
  );
  t.equal(app.replica.copy.manifest.compositorCount, 0);
  t.match(await write(wall.headers), { status: 201 });
  t.match(await read(wall.headers), { status: 403 }, 'who writes need not read');
  t.match(await read(boss.headers), { status: 200 });
  t.match(await write(boss.headers), { status: 200 });
});

t.test('a token for one compositor is for no other, and registers none without its id', async (t) => {
  const { inject } = await build(t, { settings: { auth } });
  const { headers } = wall;
  t.match(await inject({ ...wallBody, headers }), { status: 201 });
  const tiles = { '1,1': { brick: 'x' } };
  t.match(await inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: tiles, headers }), {
    status: 200,
  });
  for (const request of [
    { ...wallBody, url: '/compositors/desk' },
    { method: 'POST', url: '/compositors', payload: { name: 'Wall' } },
    { method: 'PATCH', url: '/compositors/desk/tiles', payload: tiles },
    { method: 'PUT', url: '/compositors/desk/lease' },
    { method: 'DELETE', url: '/compositors/w%61ll2' },
  ] as const)
    t.match(
      await inject({ ...request, headers }),
      { status: 403, json: { detail: /other compositors/ } },
      `${request.method} ${request.url}`,
    );
  t.match(await inject({ method: 'DELETE', url: '/compositors/w%61ll', headers }), { status: 200 });
});

t.test('what is no token is none, whatever else anonymous callers may do', async (t) => {
  const { inject } = await build(t, { settings: { auth, anonymous: ['read'] } });
  t.match(await inject('/manifest'), { status: 200 }, 'anonymous callers may read');
  t.match(await inject(wallBody), { status: 401 });
  for (const authorization of [
    'Bearer cmp_unknown',
    'Bearer',
    'Bearer ',
    `Basic ${Buffer.from(`:${eye.token}`).toString('base64')}`,
    `Bearer ${eye.token} ${eye.token}`,
    `Bearer sha256:${eye.entry.hash}`,
    `Bearer ${eye.entry.hash}`,
    eye.token,
  ]) {
    const reply = await inject({ url: '/manifest', headers: { authorization } });
    t.equal(reply.status, 401, authorization);
    t.match(reply.headers['www-authenticate'], /error="invalid_token"/);
  }
});

// It was "not known here, or has expired", and people made another token.
t.test('a token without the word Bearer is told so', async (t) => {
  const { inject } = await build(t, { settings: { auth } });
  const reply = await inject({ url: '/manifest', headers: { authorization: eye.token } });
  t.match(reply, { status: 401, json: { detail: /must be "Bearer", a space, and the token/ } });
});

t.test('a token in the URL is never one', async (t) => {
  const { inject, log } = await build(t, { settings: { auth } });
  for (const url of [`/manifest?access_token=${eye.token}`, `/manifest/tiles?token=${eye.token}`])
    t.equal((await inject(url)).status, 401);
  const { headers } = eye;
  t.match(await inject({ url: '/manifest?access_token=hunter2', headers }), { status: 400 });
  const lines = log.filter(({ msg }) => msg === 'request');
  t.equal(lines.length, 3);
  t.notMatch(JSON.stringify(log), /hunter2|of-a-test/, 'and never in the log');
  t.match(lines[0], { url: '/manifest?access_token=***' });
});

t.test('when a token is needed to read, no shared cache may keep what it opened', async (t) => {
  for (const [anonymous, caching] of [
    [['read'], 'public, max-age=31536000, immutable'],
    [[], 'private, max-age=31536000, immutable'],
  ] as const) {
    const { inject } = await build(t, { settings: { auth, anonymous: [...anonymous] } });
    const { json } = await inject({ url: '/manifest', headers: eye.headers });
    const past = await inject({ url: `/manifest?at=${json.cursor}`, headers: eye.headers });
    t.match(past, { status: 200, headers: { 'cache-control': caching } });
  }
});

t.test('a page may send its token from elsewhere', async (t) => {
  const { inject } = await build(t, { settings: { auth } });
  const origin = 'https://map.example';
  const preflight = await inject({
    method: 'OPTIONS',
    url: '/manifest',
    headers: {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  });
  t.match(preflight, { status: 204, headers: { 'access-control-allow-headers': /Authorization/ } });
  t.match(await inject({ url: '/manifest', headers: { ...eye.headers, origin } }), {
    status: 200,
    headers: { 'access-control-allow-origin': '*', 'access-control-allow-credentials': undefined },
  });
});

t.test('a session: a cookie that reads, for pages', async (t) => {
  const { inject, app } = await build(t, { settings: { auth, basePath: '/maps' } });
  const login = (token: unknown, headers = {}) =>
    inject({ method: 'POST', url: '/maps/session', payload: { token }, headers });
  t.match(await login('cmp_unknown'), { status: 401, headers: { 'set-cookie': undefined } });
  t.match(await login('x; Path=/\r\nA: b'), { status: 400, headers: { 'set-cookie': undefined } });
  t.match(await login(boss.token, { origin: 'https://evil.example' }), { status: 403 });
  const reply = await login(boss.token);
  t.equal(reply.status, 204);
  const setCookie = String(reply.headers['set-cookie']);
  t.match(setCookie, /^compositord=[\w.-]+; Path=\/maps; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  t.notMatch(setCookie, boss.token);
  const cookie = `other=1; ${setCookie.split(';', 1)[0]!}`;
  const headers = { cookie };
  t.match(await inject({ url: '/maps/manifest', headers }), { status: 200 });
  t.match(
    await inject({ ...wallBody, url: '/maps/compositors/wall', headers }),
    { status: 403 },
    'whoever it is: with a cookie one only reads',
  );
  for (const stranger of ['compositord=old', `compositord=${boss.token}`, `compositord=; compositord`])
    t.match(
      await inject({ url: '/maps/manifest', headers: { cookie: stranger } }),
      { status: 401 },
      stranger,
    );
  const twice = { cookie: `compositord=of-another-path; ${cookie}` };
  t.match(await inject({ url: '/maps/manifest', headers: twice }), { status: 200 });
  app.tokens.replace({ auth: [eye.entry], anonymous: ['read'] });
  t.match(
    await inject({ url: '/maps/manifest', headers }),
    { status: 200 },
    'one that was revoked keeps nobody out whom anybody may be',
  );
  const out = await inject({ method: 'DELETE', url: '/maps/session', headers });
  t.match(out, { status: 204, headers: { 'set-cookie': /^compositord=; Path=\/maps; Max-Age=0; HttpOnly/ } });
});

t.test('a session counts only for our own pages', async (t) => {
  // What went wrong: cookies know no ports, so the page of any other service of this host read the map with our session,
  // over a WebSocket, and its server got the token out of the cookie.
  const { inject } = await build(t, { settings: { auth } });
  const login = await inject({ method: 'POST', url: '/session', payload: { token: boss.token } });
  const cookie = String(login.headers['set-cookie']).split(';', 1)[0]!;
  const read = (origin?: string) =>
    inject({ url: '/manifest', headers: { cookie, host: 'localhost:8760', ...(origin && { origin }) } });
  t.match(await read(), { status: 200 });
  t.match(await read('http://localhost:8760'), { status: 200 });
  for (const origin of ['http://localhost:5000', 'http://localhost', 'http://evil.example', 'null'])
    t.match(await read(origin), { status: 401 }, origin);
  const token = cookie.slice('compositord='.length);
  t.match(await inject({ url: '/manifest', headers: { authorization: `Bearer ${token}` } }), { status: 401 });
});

t.test('behind TLS the cookie is of this host alone, and stays there', async (t) => {
  const { inject } = await build(t, { settings: { auth, trustProxy: true, basePath: '/maps' } });
  const overTls = { 'x-forwarded-proto': 'https' };
  const reply = await inject({
    method: 'POST',
    url: '/maps/session',
    payload: { token: eye.token },
    headers: overTls,
  });
  const setCookie = String(reply.headers['set-cookie']);
  t.match(
    setCookie,
    /^__Host-compositord\.maps=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
  );
  const cookie = setCookie.split(';', 1)[0]!;
  t.match(await inject({ url: '/maps/manifest', headers: { ...overTls, cookie } }), { status: 200 });
  const plain = { cookie: cookie.replace('__Host-compositord.maps', 'compositord') };
  t.match(
    await inject({ url: '/maps/manifest', headers: { ...overTls, ...plain } }),
    { status: 401 },
    'a cookie without TLS may come from anyone on the way',
  );
});

t.test('open: nobody is asked, and a token is no mistake', async (t) => {
  const { inject } = await build(t, { settings: { auth: 'open' } });
  t.match(await inject({ ...wallBody, headers: { authorization: 'Bearer whatever' } }), { status: 201 });
});
