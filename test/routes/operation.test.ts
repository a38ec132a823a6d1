import t, { type Test } from 'tap';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { ERROR_KINDS } from '../../src/domain/errors.ts';
import { StoreUnreachable, type StoreError } from '../../src/domain/store-error.ts';
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
    json: {
      status: 'pass',
      store: { kind: 'embedded', state: 'ok', reason: null },
      cursor: '0-00000000',
      readers: 0,
      tiles: 0,
      degraded: false,
    },
  });
  t.match(await inject('/health/live'), { status: 200, json: { status: 'pass' } });
  t.match(await inject('/health/ready'), { status: 200, json: { status: 'pass', writes: true } });
  t.match(await inject('/health/ready?for=writes'), { status: 200 });
  t.match(await inject('/health/ready?for=ever'), {
    status: 400,
    json: { errors: [{ in: 'query', field: 'for' }] },
  });
});

/** Another store in front of the real one, with one part that fails. */
async function withRefusingStore(t: Test, error: StoreError) {
  const path = t.testdir();
  const store = await EmbeddedStore.open({ path, clock: new SystemClock() });
  const refusing = new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target) as unknown;
      if (name === 'commit' || name === 'check') return () => Promise.reject(error);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return build(t, { store: refusing });
}

t.test('a store that takes no writes is ready to be read, and not to be written', async (t) => {
  const error = new StoreUnreachable('OOM command not allowed', { reason: 'full' });
  const { inject } = await withRefusingStore(t, error);
  const refused = {
    status: 503,
    json: { type: '/problems/store-full', reason: 'full', detail: /maxmemory/ },
  };
  t.match(await inject({ method: 'PUT', url: '/compositors/a', payload: { name: 'A' } }), refused);
  t.match(await inject('/health/ready'), { status: 200, json: { status: 'warn', writes: false } });
  t.match(await inject('/health/ready?for=writes'), refused);
  t.match(await inject('/health'), {
    json: {
      status: 'warn',
      degraded: false,
      store: { state: 'refusing', reason: 'full', since: String, lastError: 'OOM command not allowed' },
    },
  });
  t.match(await inject('/manifest'), { status: 200, headers: { 'manifest-degraded': undefined } });
  const { text } = await inject('/metrics');
  t.match(text, /^compositord_store_up 1$/m);
  t.match(text, /^compositord_store_writable 0$/m);
  t.strictSame(text.match(/^compositord_store_fault\{.*\} 1$/gm), [
    'compositord_store_fault{reason="full"} 1',
  ]);
});

t.test('a store that refuses for another reason is named as that', async (t) => {
  const error = new StoreUnreachable('READONLY', { reason: 'read-only' });
  const { inject, log } = await withRefusingStore(t, error);
  const write = () => inject({ method: 'PUT', url: '/compositors/a', payload: { name: 'A' } });
  for (let i = 0; i < 50; i++)
    t.match(await write(), { status: 503, json: { type: '/problems/store-refuses-writes' } });
  t.equal(log.filter(({ problem }) => problem === 'store-refuses-writes').length, 1, 'one line a second');
  t.equal(log.filter(({ store }) => store).length, 1);
});

t.test('health says ok where Geometry OS was named, and pass to everybody else', async (t) => {
  const status = async (geometryOs?: string) => {
    const { inject } = await build(t, { settings: { ...(geometryOs !== undefined && { geometryOs }) } });
    return (await inject('/health')).json.status as string;
  };
  t.equal(await status('on'), 'ok');
  t.equal(await status('off'), 'pass');
  t.equal(await status(), 'pass');
});
