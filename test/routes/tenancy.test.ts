import t from 'tap';
import type { TokenLimits } from '../../src/domain/token.ts';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';
import type { Json } from '../support/json.ts';
import type { Test } from 'tap';

const operator = tokenFor('operator', ['read', 'write']);
const NOW = 1_700_000_000;

/** A daemon where `door` owns 1,1 and 2,2, and one token with these limits. */
async function tenants(t: Test, limits: TokenLimits, scopes: Parameters<typeof tokenFor>[1] = ['write']) {
  const tenant = tokenFor('tenant', scopes);
  const built = await build(t, { settings: { auth: [operator.entry, { ...tenant.entry, ...limits }] } });
  const as =
    ({ headers }: typeof operator) =>
    async (method: 'PUT' | 'PATCH' | 'POST' | 'DELETE', url: string, payload?: Json) =>
      built.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  const all = as(operator);
  await all('PUT', '/compositors/door', { name: 'Door' });
  await all('PUT', '/compositors/wall', { name: 'Wall' });
  await all('PATCH', '/compositors/door/tiles', {
    '1,1': { brick: 'door', timestamp: NOW },
    '2,2': { brick: 'door', timestamp: NOW },
  });
  const tile = (key: string) => built.app.replica.copy.manifest.tile(key);
  return { ...built, all, mine: as(tenant), tile };
}

t.test('a limited token takes no tile of others, whatever the time it gives', async (t) => {
  // What went wrong: a token for one compositor took every tile of another with a time 299 s ahead, and the owner could not
  // get them back for five minutes.
  const { mine, all, tile } = await tenants(t, { compositors: ['wall'] });
  const steal = { '1,1': { brick: 'wall', timestamp: Date.now() / 1000 + 299 }, '9,9': { brick: 'wall' } };
  t.match(await mine('PATCH', '/compositors/wall/tiles', steal), {
    status: 409,
    json: {
      type: '/problems/tile-taken',
      errors: [{ in: 'body', field: '/1,1', detail: /belongs to door; .*scope takeover/ }],
    },
  });
  t.match(await mine('PUT', '/compositors/wall/tiles', steal), { status: 409 });
  t.equal(tile('1,1')?.compositor, 'door');
  t.equal(tile('9,9'), undefined, 'nothing of the request was done');
  t.match(await mine('PATCH', '/compositors/wall/tiles', { '9,9': { brick: 'wall' } }), { status: 200 });
  t.match(await all('PATCH', '/compositors/wall/tiles', steal), { status: 200 }, 'other tokens as ever');
  t.match(await mine('PATCH', '/compositors/wall/tiles', { '1,1': null }), { status: 200 }, 'its own by now');
});

t.test('with takeover it takes them, and keeps them no longer than until the next write', async (t) => {
  const { mine, all, tile } = await tenants(t, { compositors: ['wall'] }, ['write', 'takeover']);
  const ahead = Date.now() / 1000 + 200;
  const steal = { '1,1': { brick: 'wall', timestamp: ahead } };
  t.match(await mine('PATCH', '/compositors/wall/tiles', steal), { status: 200, json: { changed: 1 } });
  const { timestamp, compositor } = tile('1,1')!;
  t.equal(compositor, 'wall');
  t.ok(timestamp < ahead - 100, 'a time ahead counts as now');
  t.match(await mine('PATCH', '/compositors/wall/tiles', steal), { json: { changed: 0 } }, 'once');
  t.match(await mine('PATCH', '/compositors/wall/tiles', { '1,1': { brick: 'x', timestamp: ahead + 900 } }), {
    status: 400,
  });
  t.match(await all('PATCH', '/compositors/door/tiles', { '1,1': { brick: 'door' } }), { status: 200 });
  t.equal(tile('1,1')?.compositor, 'door', 'the owner writes as always, and has it back');
});

t.test('among its own compositors a limited token moves tiles freely', async (t) => {
  const { mine, tile } = await tenants(t, { compositors: ['wall', 'do*'] });
  t.match(await mine('PATCH', '/compositors/wall/tiles', { '1,1': { brick: 'wall' } }), { status: 200 });
  t.equal(tile('1,1')?.compositor, 'wall');
});

t.test('a token for a rectangle changes no tile outside it, in any way', async (t) => {
  const { mine, all, tile } = await tenants(
    t,
    { compositors: ['wall', 'door'], view: { x1: 0, y1: 0, x2: 1, y2: 1 } },
    ['write', 'takeover'],
  );
  const outside = (key: string) => ({
    status: 403,
    json: {
      type: '/problems/forbidden',
      detail: /within 0,0,1,1/,
      errors: [{ in: 'body', field: `/${key}`, detail: /outside the rectangle/ }],
    },
  });
  const write = { '0,1': { brick: 'wall' }, '2,1': { brick: 'wall' } };
  t.match(await mine('PATCH', '/compositors/wall/tiles', write), outside('2,1'));
  t.equal(tile('0,1'), undefined);
  t.match(await mine('PATCH', '/compositors/door/tiles', { '2,2': null }), outside('2,2'));
  t.match(await mine('PUT', '/compositors/door/tiles', {}), outside('2,2'));
  t.match(await mine('DELETE', '/compositors/door'), outside('2,2'));
  t.ok(tile('2,2'));
  t.match(await mine('PUT', '/compositors/door/tiles?view=0,0,1,1', {}), {
    status: 200,
    json: { changed: 1 },
  });
  t.equal(tile('1,1'), undefined);
  t.match(await mine('PATCH', '/compositors/wall/tiles', { '0,1': { brick: 'wall' } }), { status: 200 });
  t.match(await mine('DELETE', '/compositors/wall'), { status: 200 }, 'all of its tiles are inside');
  t.match(await all('DELETE', '/compositors/door'), { status: 200 });
});

t.test('a limited token makes the daemon connect nowhere', async (t) => {
  // What went wrong: with the scope write alone, a registration at 127.0.0.1 showed every reader what a service there tells.
  const { mine, all, app } = await tenants(t, { compositors: ['wall', 'desk'] });
  const endpoint = { protocol: 'http', address: '127.0.0.1', port: 9 };
  const forbidden = { status: 403, json: { type: '/problems/forbidden', detail: /scope connect/ } };
  t.match(await mine('PATCH', '/compositors/wall', endpoint), forbidden);
  t.match(await mine('PUT', '/compositors/wall', { name: 'Wall', ...endpoint }), forbidden);
  t.match(await mine('PUT', '/compositors/desk', { name: 'Desk', ...endpoint }), forbidden);
  t.equal(app.registry.get('desk'), undefined);
  t.match(await mine('PUT', '/compositors/desk', { name: 'Desk' }), { status: 201 });

  t.match(await all('PATCH', '/compositors/wall', endpoint), { status: 200 });
  t.match(
    await mine('PUT', '/compositors/wall', { name: 'Wall 2', ...endpoint }),
    { status: 200 },
    'the same',
  );
  t.match(await mine('PATCH', '/compositors/wall', { port: 10 }), forbidden);
  t.match(await mine('PATCH', '/compositors/wall', { address: null }), { status: 200 });
});

t.test('with connect it may, and what speaks from there has its limits', async (t) => {
  const limits = { compositors: ['wall'], view: { x1: 0, y1: 0, x2: 1, y2: 1 }, quota: { tiles: 5 } };
  const { mine, all, app } = await tenants(t, limits, ['write', 'connect']);
  t.equal(app.registry.get('wall')?.limits, undefined);
  t.match(await mine('PATCH', '/compositors/wall', { name: 'Wall' }), { status: 200 });
  t.equal(app.registry.get('wall')?.limits, undefined, 'no address of its own');
  const place = { protocol: 'http', address: '127.0.0.1', port: 9 };
  t.match(await mine('PATCH', '/compositors/wall', place), {
    status: 200,
    json: {
      compositor: {
        limits: { compositors: ['wall'], view: '0,0,1,1', quota: { tiles: 5 }, scopes: ['connect'] },
      },
    },
  });
  t.match(await all('PATCH', '/compositors/wall', { port: 10 }), {
    json: { compositor: { limits: { view: '0,0,1,1' } } },
  });
  t.match(await all('PUT', '/compositors/wall', { name: 'Wall', ...place }), { status: 200 });
  t.equal(app.registry.get('wall')?.limits, undefined, 'registered anew, without limits');
});

t.test('the history says whose token it was', async (t) => {
  const { mine, inject } = await tenants(t, { compositors: ['wall'] });
  await mine('PATCH', '/compositors/wall/tiles', { '5,5': { brick: 'wall' } });
  const { json } = await inject({ url: '/manifest/history?limit=2', headers: operator.headers });
  t.match(json.items, [
    { by: 'wall', principal: 'tenant' },
    { by: 'door', principal: 'operator' },
  ]);
});
