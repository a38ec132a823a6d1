import t from 'tap';
import type { Test } from 'tap';
import type { TokenLimits } from '../../src/domain/token.ts';
import { build, type BuildOptions } from '../support/build.ts';
import type { Json } from '../support/json.ts';
import { tokenFor } from '../support/tokens.ts';

/** A daemon with `wall` and `desk`, and short ways to write. */
async function world(t: Test, options: BuildOptions = {}) {
  const built = await build(t, options);
  const write = (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: Json, headers = {}) =>
    built.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  const reserve = (compositor: string, rect: string, more: Json = {}, headers = {}) =>
    write('POST', '/regions', { compositor, rect, ...more }, headers);
  const { copy } = built.app.replica;
  /** Resolves when the manifest has no region any more. */
  const released = () =>
    new Promise<void>((resolve) => {
      const stop = copy.subscribe({
        committed: () => {
          if (copy.manifest.regionCount > 0) return;
          stop();
          resolve();
        },
      });
    });
  return { ...built, write, reserve, copy, released };
}

async function open(t: Test, options: BuildOptions = {}) {
  const all = await world(t, options);
  for (const id of ['wall', 'desk']) await all.write('PUT', `/compositors/${id}`, { name: id });
  return all;
}

t.test('a region is reserved, listed, renewed and released', async (t) => {
  const { inject, write, reserve } = await open(t);
  const made = await reserve('wall', '9,9,0,0', { purpose: 'the lobby', ttl: 60 });
  const { id } = made.json;
  t.match(made, {
    status: 201,
    headers: { location: `/regions/${id}`, 'manifest-cursor': made.json.cursor },
    json: {
      changed: 1,
      region: { id, rect: '0,0,9,9', compositor: 'wall', purpose: 'the lobby', exclusive: true, ttl: 60 },
      lease: { ttl: 60, generation: made.json.region.generation, expiresAt: /^20/ },
    },
  });
  const second = (await reserve('wall', '5,5,20,20', { exclusive: false })).json.id as string;
  t.match((await inject(`/regions/${second}`)).json, { purpose: '', ttl: 300, lease: { ttl: 300 } });

  const ids = async (query: string) => {
    const { json } = await inject(`/regions${query}`);
    return (json.items as { id: string }[]).map((each) => each.id);
  };
  t.strictSame(await ids(''), [id, second].sort());
  t.strictSame(await ids('?view=-5,-5,0,0'), [id]);
  t.strictSame(await ids('?point=20,20'), [second]);
  t.strictSame(await ids('?point=6,6'), [id, second].sort());
  t.strictSame(await ids('?point=-1,0'), []);
  t.strictSame(await ids('?compositor=desk'), []);
  const page = (await inject('/regions?limit=1')).json;
  t.equal(page.next, [id, second].sort()[0]);
  t.strictSame(await ids(`?limit=1&after=${page.next}`), [[id, second].sort()[1]]);
  t.match(await inject('/regions?point=1,1&view=0,0,1,1'), {
    status: 400,
    json: { errors: [{ field: 'point' }] },
  });

  const { cursor } = (await inject('/health')).json;
  t.match(await write('PUT', `/regions/${id}/lease`), { status: 200, json: { cursor, lease: { ttl: 60 } } });
  t.match(await write('DELETE', `/regions/${id}`), { status: 200, json: { changed: 1 } });
  t.match(await write('DELETE', `/regions/${id}`), { status: 404 });
  t.match(await write('PUT', `/regions/${id}/lease`), { status: 404 });
  t.match((await inject('/health')).json, { regions: 1, quotas: { regions: { used: 1, limit: 1000 } } });
  t.match((await inject('/manifest/history?limit=1')).json, {
    items: [{ by: 'wall', regions: 1, tiles: 0 }],
  });
});

t.test('the manifest, its past and its changes show regions that touch the view', async (t) => {
  const { inject, write, reserve } = await open(t);
  const before = (await inject('/manifest')).json;
  t.notOk('regions' in before, 'without regions it is as it was before there were any');
  const { id, cursor } = (await reserve('wall', '0,0,9,9')).json;
  const shown = async (query: string) => Object.keys((await inject(`/manifest?${query}`)).json.regions ?? {});
  t.strictSame(await shown(''), [id]);
  t.strictSame(await shown('view=9,9,50,50'), [id]);
  t.strictSame(await shown('view=10,9,50,50'), []);
  t.strictSame(await shown('compositor=desk'), []);
  t.strictSame(await shown('view=16,16,40,40&zoom=4'), [], 'an overview has whole areas');
  t.strictSame(await shown('view=1,1,40,40&zoom=4'), [id]);
  await write('DELETE', `/regions/${id}`);
  t.strictSame(await shown(''), []);
  t.strictSame(await shown(`at=${cursor}`), [id], 'as it was');
  t.strictSame(await shown(`at=${before.cursor}`), []);
  const changes = (query: string) => inject(`/manifest/changes?since=${before.cursor}${query}`);
  t.match((await changes(`&to=${cursor}`)).json, { regions: { [id]: { rect: '0,0,9,9' } }, tiles: {} });
  t.strictSame((await changes('')).json.regions, { [id]: null });
  t.notOk('regions' in (await changes('&view=50,50,60,60')).json);
});

t.test('what is in the way of a region, and of tiles', async (t) => {
  const { inject, write, reserve } = await open(t);
  await write('PATCH', '/compositors/desk/tiles', { '3,3': { brick: 'old', timestamp: 100 } });
  const { id } = (await reserve('wall', '0,0,9,9', { purpose: 'mine' })).json;
  t.match(await reserve('desk', '9,9,20,20', { exclusive: false }), {
    status: 409,
    json: {
      type: '/problems/region-taken',
      errors: [{ in: 'body', field: '/rect' }],
      regions: [{ id, compositor: 'wall', rect: '0,0,9,9', purpose: 'mine', exclusive: true }],
    },
  });
  t.match(await reserve('wall', '5,5,6,6'), { status: 201 }, 'its own regions may touch');
  t.match(await reserve('desk', '10,0,20,9', { exclusive: false }), { status: 201 });
  t.match(await reserve('wall', '12,0,13,0'), { status: 409 }, 'an exclusive one over a shared one');
  t.match(await reserve('wall', '12,0,13,0', { exclusive: false }), { status: 201 });

  const tiles = '/compositors/desk/tiles';
  const refused = {
    status: 409,
    json: {
      type: '/problems/region-taken',
      errors: [{ in: 'body', field: '/3,3', detail: `lies in the exclusive region ${id} of wall` }],
      regions: [{ id }],
    },
  };
  t.match(await write('PATCH', tiles, { '3,3': { brick: 'new' }, '50,50': { brick: 'new' } }), refused);
  t.match(await write('PUT', tiles, { '3,3': { brick: 'new' } }), refused);
  t.strictSame(Object.keys((await inject(tiles)).json), ['3,3'], 'nothing of them was done');
  t.match(await write('PUT', tiles, { '3,3': { brick: 'old', timestamp: 100 }, '15,5': { brick: 'x' } }), {
    status: 200,
  });
  t.match(await write('PATCH', tiles, { '3,3': null }), { status: 200 }, 'what is there may go');
  t.match(await write('PATCH', '/compositors/wall/tiles', { '3,3': { brick: 'w' } }), { status: 200 });
  await write('DELETE', `/regions/${id}`);
  t.match(await write('PATCH', tiles, { '4,4': { brick: 'new' } }), { status: 200 });
});

t.test('it ends with its compositor in one commit, and with its lease', async (t) => {
  const { inject, write, reserve, released, app } = await open(t);
  const { id } = (await reserve('wall', '0,0,9,9')).json;
  await write('PATCH', '/compositors/wall/tiles', { '1,1': { brick: 'a' } });
  const { cursor } = (await inject('/health')).json;
  t.match(await write('DELETE', '/compositors/wall'), { json: { changed: 3 } });
  t.match((await inject(`/manifest/changes?since=${cursor}`)).json, {
    compositors: { wall: null },
    tiles: { '1,1': null },
    regions: { [id]: null },
  });
  t.strictSame(
    (await app.store.leases()).leases.map((lease) => lease.id),
    ['desk'],
  );
  const ended = released();
  const brief = (await reserve('desk', '0,0,9,9', { ttl: 1 })).json.id as string;
  await ended;
  t.match(await inject(`/regions/${brief}`), { status: 404 });
  t.match((await inject('/manifest/history?limit=1')).json, { items: [{ by: 'daemon', regions: 1 }] });
  t.equal(app.leases.ended.released, 1);
});

t.test('a registration that lost its lease reserves, renews and releases nothing', async (t) => {
  const { write, reserve } = await world(t);
  const first = (await write('PUT', '/compositors/wall', { name: 'Wall' })).json.lease.generation as string;
  const { id } = (await reserve('wall', '0,0,9,9', {}, { 'lease-generation': first })).json;
  await write('PUT', '/compositors/wall', { name: 'Wall again' });
  const old = { 'lease-generation': first };
  for (const refused of [
    await reserve('wall', '20,0,29,9', {}, old),
    await write('PUT', `/regions/${id}/lease`, undefined, old),
    await write('DELETE', `/regions/${id}`, undefined, old),
  ])
    t.match(refused, { status: 409, json: { type: '/problems/lease-lost' } });
  t.match(await write('DELETE', `/regions/${id}`), { status: 200 }, 'the region is of the id, as tiles are');
});

t.test("the generation of the region's own lease renews and releases it, and no other region", async (t) => {
  const { write, reserve } = await open(t);
  const [mine, other] = [(await reserve('wall', '0,0,9,9')).json, (await reserve('wall', '20,0,29,9')).json];
  const own = { 'lease-generation': mine.lease.generation as string };
  const lost = { status: 409, json: { type: '/problems/lease-lost' } };
  t.match(await write('PUT', `/regions/${mine.id}/lease`, undefined, own), { status: 200 });
  for (const method of ['PUT', 'DELETE'] as const) {
    const path = method === 'PUT' ? '/lease' : '';
    t.match(await write(method, `/regions/${other.id}${path}`, undefined, own), lost, 'of another region');
    t.match(await write(method, `/regions/${mine.id}${path}`, undefined, { 'lease-generation': 'x' }), lost);
  }
  t.match(await reserve('wall', '40,0,49,9', {}, own), lost, 'it is not the compositor');
  t.match(await write('DELETE', `/regions/${mine.id}`, undefined, own), { status: 200 });
});

t.test('a repeat with its key gets the same region', async (t) => {
  const { write, reserve, copy } = await open(t);
  const key = (text: string) => ({ 'idempotency-key': text });
  const first = await reserve('wall', '0,0,9,9', { purpose: 'x' }, key('"one"'));
  t.match(first, { status: 201 });
  const again = await reserve('wall', '9,9,0,0', { purpose: 'x', ttl: 300 }, key('one'));
  t.match(again, {
    status: 200,
    headers: { 'idempotent-replayed': 'true' },
    json: { id: first.json.id, changed: 0 },
  });
  t.strictSame(again.json.region, first.json.region);
  t.equal(copy.manifest.regionCount, 1);
  t.match(await reserve('wall', '0,0,8,8', {}, key('one')), {
    status: 400,
    json: { errors: [{ in: 'header', field: 'Idempotency-Key' }] },
  });
  t.match(
    await reserve('desk', '50,50,59,59', {}, key('one')),
    { status: 201 },
    'keys are a compositor’s own',
  );
  await write('DELETE', `/regions/${first.json.id}`);
  t.match(await reserve('wall', '0,0,9,9', { purpose: 'x' }, key('one')), { status: 201 }, 'it has ended');
});

t.test('bad input', async (t) => {
  const { inject, write, reserve } = await open(t);
  for (const [body, field] of [
    [{ compositor: 'wall' }, '/rect'],
    [{ rect: '0,0,1,1' }, '/compositor'],
    [{ compositor: 'Wall', rect: '0,0,1,1' }, '/compositor'],
    [{ compositor: 'wall', rect: '0,0,1' }, '/rect'],
    [{ compositor: 'wall', rect: '0,0,1,2147483648' }, '/rect'],
    [{ compositor: 'wall', rect: '0,0,1,1e3' }, '/rect'],
    [{ compositor: 'wall', rect: { x: 0, y: 0, width: 5, height: 5 } }, '/rect'],
    [{ compositor: 'wall', rect: '0,0,1,1', purpose: 'x'.repeat(257) }, '/purpose'],
    [{ compositor: 'wall', rect: '0,0,1,1', purpose: 'a\u0000' }, '/purpose'],
    [{ compositor: 'wall', rect: '0,0,1,1', exclusive: 'yes' }, '/exclusive'],
    [{ compositor: 'wall', rect: '0,0,1,1', ttl: 0 }, '/ttl'],
    [{ compositor: 'wall', rect: '0,0,1,1', ttl: 86_401 }, '/ttl'],
    [{ compositor: 'wall', rect: '0,0,1,1', timeout: 5 }, '/timeout'],
  ] as const)
    t.match(await write('POST', '/regions', body), {
      status: 400,
      json: { errors: [{ in: 'body', field }] },
    });
  t.match(await reserve('nobody', '0,0,1,1'), { status: 404 });
  for (const id of ['wall', 'R', 'R'.repeat(65), '0,0'])
    for (const [method, url] of [
      ['GET', `/regions/${id}`],
      ['DELETE', `/regions/${id}`],
      ['PUT', `/regions/${id}/lease`],
    ] as const)
      t.match(
        await inject({ method, url }),
        { status: 400, json: { errors: [{ in: 'path', field: 'id' }] } },
        url,
      );
  const plane = '-2147483648,-2147483648,2147483647,2147483647';
  t.match(await reserve('wall', plane), { status: 201 }, 'the whole plane');
  t.match(await write('PATCH', '/compositors/desk/tiles', { '7,7': { brick: 'x' } }), { status: 409 });
});

t.test('quotas', async (t) => {
  const { reserve } = await open(t, { settings: { quota: { regions: 2 } } });
  t.match(await reserve('wall', '0,0,1,1'), { status: 201 });
  t.match(await reserve('desk', '10,0,11,1'), { status: 201 });
  t.match(await reserve('desk', '20,0,21,1'), {
    status: 409,
    json: {
      type: '/problems/quota-exceeded',
      quota: { quota: 'quota.regions', limit: 2, used: 2, needed: 3 },
    },
  });
});

t.test('a limited token', async (t) => {
  const operator = tokenFor('operator', ['read', 'write']);
  const reader = tokenFor('reader', ['read']);
  const limited = async (limits: TokenLimits, scopes: Parameters<typeof tokenFor>[1] = ['write']) => {
    const tenant = tokenFor('tenant', scopes);
    const auth = [operator.entry, reader.entry, { ...tenant.entry, ...limits }];
    const built = await world(t, { settings: { auth } });
    for (const id of ['wall', 'desk'])
      await built.write('PUT', `/compositors/${id}`, { name: id }, operator.headers);
    const mine = (compositor: string, rect: string, more: Json = {}) =>
      built.reserve(compositor, rect, more, tenant.headers);
    return { ...built, mine, headers: tenant.headers };
  };
  const view = await limited({
    compositors: ['wall'],
    view: { x1: 0, y1: 0, x2: 99, y2: 99 },
    quota: { regions: 1 },
  });
  t.match(await view.mine('desk', '0,0,9,9'), { status: 403 }, 'for another compositor');
  t.match(await view.mine('wall', '95,0,100,9'), { status: 403, json: { errors: [{ field: '/rect' }] } });
  t.match(await view.reserve('wall', '0,0,9,9', {}, reader.headers), { status: 403 });
  t.match(await view.reserve('wall', '0,0,9,9'), { status: 401 });
  t.match(await view.mine('wall', '0,0,9,9'), { status: 201 });
  t.match(await view.mine('wall', '20,0,29,9'), { status: 409, json: { quota: { quota: 'token.regions' } } });
  const other = (await view.reserve('desk', '50,50,59,59', {}, operator.headers)).json.id as string;
  t.match(await view.write('DELETE', `/regions/${other}`, undefined, view.headers), { status: 403 });
  t.match(await view.write('PUT', `/regions/${other}/lease`, undefined, view.headers), { status: 403 });

  const ids = await limited({ compositors: ['wall'] });
  t.match(await ids.mine('wall', '0,0,9,9'), { status: 403, json: { errors: [{ field: '/exclusive' }] } });
  t.match(await ids.mine('wall', '0,0,9,9', { exclusive: false }), { status: 201 });
  const takeover = await limited({ compositors: ['wall'] }, ['write', 'takeover']);
  t.match(await takeover.mine('wall', '0,0,9,9'), { status: 201 });
});
