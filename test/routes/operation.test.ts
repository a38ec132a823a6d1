import t from 'tap';
import { ERROR_KINDS } from '../../src/domain/errors.ts';
import { build } from '../support/build.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

t.test('the index, the documentation and the contract', async (t) => {
  const { inject } = await build(t, { settings: { basePath: '/studio' } });
  const index = await inject('/studio/');
  t.match(index.json, { name: 'compositord', links: { manifest: '/studio/manifest' } });
  t.match(await inject('/studio'), { status: 200 });
  t.match(await inject({ url: '/studio/', headers: { accept: BROWSER } }), {
    status: 302,
    headers: { location: '/studio/map' },
  });
  t.match(await inject('/studio/docs'), { status: 200, text: /swagger/i });
  const document = await inject('/studio/openapi.json');
  t.match(document.json, { openapi: '3.1.0', servers: [{ url: '/studio' }] });
  t.ok(document.json.paths['/manifest'], 'paths without the base');
  t.match(await inject({ url: '/studio/openapi.json', headers: { 'if-none-match': '*' } }), { status: 304 });
  for (const url of Object.values<string>(index.json.links).filter((each) => !each.endsWith('/stream')))
    t.match(await inject(url.endsWith('/changes') ? `${url}?since=0-00000000` : url), { status: 200 }, url);
  t.match(await inject('/manifest'), { status: 404, json: { type: '/studio/problems/not-found' } });
  const made = await inject({ method: 'PUT', url: '/studio/compositors/a', payload: { name: 'A' } });
  t.equal(made.headers['location'], '/studio/compositors/a');
});

t.test('every kind of error has its page', async (t) => {
  const { inject } = await build(t);
  const list = await inject('/problems');
  t.equal(list.json.items.length, ERROR_KINDS.length);
  for (const code of ERROR_KINDS) {
    const page = await inject(`/problems/${code}`);
    t.match(page, { status: 200, json: { type: `/problems/${code}`, explanation: String } });
    const html = await inject({ url: `/problems/${code}`, headers: { accept: BROWSER } });
    t.match(html, { status: 200, headers: { 'content-type': /text\/html/ }, text: new RegExp(code) });
  }
  for (const code of ['nothing', '__proto__', 'toString'])
    t.match(await inject(`/problems/${code}`), { status: 404 }, code);
});

t.test('health, for people and orchestrators', async (t) => {
  const { inject } = await build(t);
  t.match(await inject('/health'), {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    json: { status: 'pass', store: 'embedded', cursor: '0-00000000', readers: 0, tiles: 0, degraded: false },
  });
  t.match(await inject('/health/live'), { status: 200, json: { status: 'pass' } });
  t.match(await inject('/health/ready'), { status: 200, json: { status: 'pass' } });
});
