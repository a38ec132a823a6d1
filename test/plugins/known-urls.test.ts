import t from 'tap';
import { build } from '../support/build.ts';

t.test('every URL answers other methods with 405 and those it has', async (t) => {
  const { inject } = await build(t);
  const allowed: Record<string, string> = {
    '/': 'GET, HEAD',
    '/compositors': 'GET, HEAD, POST',
    '/compositors/wall': 'DELETE, GET, HEAD, PATCH, PUT',
    '/compositors/wall/lease': 'PUT',
    '/compositors/wall/tiles': 'GET, HEAD, PATCH, PUT',
    '/manifest': 'GET, HEAD',
    '/manifest/tiles': 'GET, HEAD',
    '/builder/map/manifest.json': 'GET, HEAD',
    '/builder/queue/wall.png': 'GET, HEAD',
    '/builder/metadata/silicon_district.json': 'GET, HEAD',
    '/api/chunk': 'GET, HEAD',
    '/api/region': 'GET, HEAD',
    '/api/scan': 'GET, HEAD',
    '/manifest/changes': 'GET, HEAD',
    '/manifest/history': 'GET, HEAD',
    '/manifest/digests': 'GET, HEAD',
    '/manifest/search': 'GET, HEAD',
    '/manifest/counts': 'GET, HEAD',
    '/manifest/comparison': 'GET, HEAD',
    '/manifest/stream': 'GET, HEAD',
    '/health': 'GET, HEAD',
    '/health/live': 'GET, HEAD',
    '/health/ready': 'GET, HEAD',
    '/problems': 'GET, HEAD',
    '/problems/internal': 'GET, HEAD',
    '/openapi.json': 'GET, HEAD',
  };
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'MKCOL'];
  for (const [url, allow] of Object.entries(allowed)) {
    for (const method of methods) {
      if (allow.split(', ').includes(method)) continue;
      // A body of any type, so that nothing else is found wrong first.
      const headers = { 'content-type': 'text/plain' };
      const reply = await inject({ method: method as 'GET', url: `${url}?x=1`, headers, payload: 'x' });
      t.match(
        reply,
        { status: 405, headers: { allow }, json: { type: '/problems/method-not-allowed', status: 405 } },
        `${method} ${url}`,
      );
    }
  }
  for (const url of ['/nothing', '/manifest/', '/compositors/a/b', '/docs2', '//'])
    t.match(
      await inject({ method: 'PUT', url, headers: { 'content-type': 'x/y' }, payload: 'x' }),
      { status: 404, json: { type: '/problems/not-found' } },
      url,
    );
});
