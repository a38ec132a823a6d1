import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { build } from '../support/build.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundle = readFileSync(join(root, 'dist/web/client.js'));

/** What a page loads, in bytes as gzip sends them: five in a hundred more than they had when they were last looked at. */
const LIMITS = { 'client.js': 10_530, 'publish.js': 6_020 };

t.test('what a page loads is small, and does what a strict page forbids others', (t) => {
  for (const [name, limit] of Object.entries(LIMITS)) {
    const module = readFileSync(join(root, 'dist/web', name));
    const size = gzipSync(module, { level: 9 }).length;
    t.ok(size <= limit, `${name}: ${size} of ${limit} bytes`);
    t.ok(size > limit * 0.8, `${name} has become smaller: lower its limit (${size} bytes)`);
    t.notMatch(module.toString(), /\beval\b|new Function|innerHTML|document\.write|\bimport\b/);
  }
  t.end();
});

t.test('the daemon serves it', async (t) => {
  const { inject } = await build(t);
  const reply = await inject({ url: '/client.js?v=1', headers: { origin: 'https://page.example' } });
  t.equal(reply.status, 200);
  t.equal(reply.text, bundle.toString());
  t.match(reply.headers, {
    'content-type': 'text/javascript; charset=utf-8',
    'access-control-allow-origin': '*',
    'cache-control': 'no-cache',
  });
  const again = await inject({
    url: '/client.js',
    headers: { 'if-none-match': String(reply.headers['etag']) },
  });
  t.equal(again.status, 304);
});
