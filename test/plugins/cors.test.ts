import t from 'tap';
import { build } from '../support/build.ts';

const STRANGER = 'https://elsewhere.example';
const STUDIO = 'https://studio.example';
const body = { method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } } as const;
const preflight = (origin: string, method: string, url = '/compositors/wall') =>
  ({
    method: 'OPTIONS',
    url,
    headers: { origin, 'access-control-request-method': method },
  }) as const;

t.test('without cors.origins every page may read and none may write', async (t) => {
  const { inject, app } = await build(t);
  const read = await inject({ url: '/manifest', headers: { origin: STRANGER } });
  t.equal(read.headers['access-control-allow-origin'], '*');
  for (const name of ['ETag', 'Location', 'Link', 'Retry-After', 'Manifest-Cursor', 'Manifest-Degraded'])
    t.match(read.headers['access-control-expose-headers'], name);
  t.equal((await inject('/nothing')).headers['access-control-allow-origin'], '*', 'errors can be read, too');

  const write = await inject({ ...body, headers: { origin: STRANGER } });
  t.match(write, { status: 403, json: { type: '/problems/forbidden' } });
  t.equal(app.replica.copy.manifest.compositorCount, 0);
  t.match(await inject({ ...body, headers: { origin: 'null' } }), { status: 403 }, 'a sandboxed page');
  t.match(
    await inject({ ...body, headers: { origin: 'http://localhost:8760', host: 'localhost:8760' } }),
    { status: 201 },
    'our own page, /docs',
  );

  t.match(await inject(preflight(STRANGER, 'PUT')), { status: 403 });
  const asked = await inject(preflight(STRANGER, 'GET', '/manifest/stream'));
  t.match(asked, {
    status: 204,
    headers: { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, HEAD' },
  });
  t.match(asked.headers['access-control-allow-headers'], 'Last-Event-ID');
  t.match(await inject(preflight(STRANGER, 'GET', '/nothing')), { status: 404 });
});

t.test('with cors.origins those pages may do both, and others nothing', async (t) => {
  const { inject } = await build(t, { settings: { cors: { origins: [STUDIO] } } });
  const write = await inject({ ...body, headers: { origin: STUDIO } });
  t.match(write, { status: 201, headers: { 'access-control-allow-origin': STUDIO, vary: 'Origin' } });
  t.match(await inject(preflight(STUDIO, 'DELETE')), {
    status: 204,
    headers: { 'access-control-allow-methods': /DELETE/ },
  });
  const read = await inject({ url: '/manifest', headers: { origin: STRANGER } });
  t.equal(read.headers['access-control-allow-origin'], undefined);
  t.equal(read.headers['vary'], 'Origin', 'a cache must keep the two apart');
  t.match(await inject({ ...body, headers: { origin: STRANGER } }), { status: 403 });
});
