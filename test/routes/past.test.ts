import t from 'tap';
import { build, type Built } from '../support/build.ts';
import { writeTiles } from './write-tiles.ts';

/** A map at three moments: `first`, `second` and now. */
async function threeMoments(built: Built) {
  await writeTiles(built, 'wall', {
    '0,0': { brick: 'a', timestamp: 5 },
    '40,40': { brick: 'b', timestamp: 6 },
  });
  const first = await writeTiles(built, 'door', { '1,1': { brick: 'c', timestamp: 4 } });
  const second = await writeTiles(built, 'wall', { '0,0': null, '41,40': { brick: 'door', timestamp: 7 } });
  await writeTiles(built, 'door', { '1,1': { brick: 'd', timestamp: 9 } });
  await built.inject({ method: 'DELETE', url: '/compositors/wall' });
  return { first, second };
}

t.test('an overview of the past shows the areas of then', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const { first, second } = await threeMoments(built);
  const { json, headers } = await inject(`/manifest?zoom=5&at=${first}`);
  t.match(json, { cursor: first, revision: Number.parseInt(first, 10), view: { zoom: 5 } });
  t.strictSame(json.areas, {
    '0,0': {
      tiles: 2,
      owners: [
        ['door', 1],
        ['wall', 1],
      ],
      timestamp: 5,
    },
    '1,1': { tiles: 1, owners: [['wall', 1]], timestamp: 6 },
  });
  t.strictSame(Object.keys(json.compositors).sort(), ['door', 'wall']);
  t.match(headers['cache-control'], /immutable/);
  const later = await inject(`/manifest?zoom=5&at=${second}&compositor=wall`);
  t.strictSame(later.json.areas, { '1,1': { tiles: 2, owners: [['wall', 2]], timestamp: 7 } });
  t.match(await inject(`/manifest?zoom=5&at=7-00000000`), { status: 410, json: { oldest: '0-00000000' } });
});

t.test('tiles are counted as they are, and as they were', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const { first, second } = await threeMoments(built);
  const now = await inject('/manifest/counts');
  t.match(now.json, { total: 1, compositors: { door: 1 }, view: { rect: null } });
  const then = await inject(`/manifest/counts?at=${first}`);
  t.match(then.json, { cursor: first, total: 3 });
  t.strictSame(then.json.compositors, { wall: 2, door: 1 });
  t.match(then.headers['cache-control'], /immutable/);
  const part = await inject(`/manifest/counts?at=${second}&view=40,40,50,50`);
  t.strictSame(part.json.compositors, { wall: 2 });
  t.strictSame((await inject(`/manifest/counts?at=${second}&compositor=door`)).json.compositors, { door: 1 });
  const etag = String(then.headers['etag']);
  t.equal(
    (await inject({ url: `/manifest/counts?at=${first}`, headers: { 'if-none-match': etag } })).status,
    304,
  );
  t.equal((await inject('/manifest/counts?at=7-00000000')).status, 410);
});

t.test('a search of the past finds what was there then', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const { first, second } = await threeMoments(built);
  const cells = async (query: string) =>
    (await inject(`/manifest/search?${query}`)).json.items.map(({ cell }: { cell: string }) => cell);
  t.strictSame(await cells('brick=door'), []);
  t.strictSame(await cells(`brick=door&at=${second}`), ['41,40']);
  t.strictSame(await cells(`brick=door&at=${first}`), []);
  t.strictSame(await cells(`brick=c&at=${first}`), ['1,1']);
  t.equal((await inject('/manifest/search?brick=c&at=7-00000000')).status, 410);
});

t.test('two moments are compared: what was added, changed and removed, and whose it was', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const { first, second } = await threeMoments(built);
  const { json } = await inject(`/manifest/comparison?since=${first}&to=${second}`);
  t.match(json, { since: first, cursor: second, zoom: 0 });
  t.strictSame(json.total, { added: 1, changed: 0, removed: 1 });
  t.strictSame(json.compositors, { wall: { added: 1, changed: 0, removed: 1 } });
  t.strictSame(json.areas, {
    '0,0': { added: 0, changed: 0, removed: 1 },
    '41,40': { added: 1, changed: 0, removed: 0 },
  });
  const now = await inject(`/manifest/comparison?since=${first}`);
  t.strictSame(now.json.total, { added: 0, changed: 1, removed: 2 });
  t.equal(now.headers['cache-control'], 'no-store');
  const part = await inject(`/manifest/comparison?since=${first}&zoom=4&view=1,1,2,2`);
  t.strictSame(part.json.areas, { '0,0': { added: 0, changed: 1, removed: 1 } });
});

t.test('a comparison of one compositor is of what it had and has', async (t) => {
  const built = await build(t);
  const { inject } = built;
  await writeTiles(built, 'door', { '1,1': { brick: 'd', timestamp: 1 } });
  const since = await writeTiles(built, 'wall', {
    '0,0': { brick: 'a', timestamp: 1 },
    '2,2': { brick: 'a', timestamp: 1 },
  });
  await writeTiles(built, 'door', { '2,2': { brick: 'b', timestamp: 2 } });
  await writeTiles(built, 'wall', { '1,1': { brick: 'c', timestamp: 2 } });
  const { json } = await inject(`/manifest/comparison?since=${since}&compositor=wall`);
  t.strictSame(json.total, { added: 1, changed: 0, removed: 1 }, 'what it took over, and what it lost');
  t.strictSame(json.compositors, { wall: { added: 1, changed: 0, removed: 1 } });
});

// It was silent about compositors and regions: a comparison across the end of an empty compositor said that nothing differs.
t.test('a comparison names compositors and regions that were added, changed and removed', async (t) => {
  const { inject } = await build(t);
  const put = (id: string, name: string) =>
    inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name, ttl: 600 } });
  const reserve = async (rect: string, purpose: string) => {
    const payload = { rect, compositor: 'wall', purpose };
    return String((await inject({ method: 'POST', url: '/regions', payload })).json.id);
  };
  for (const id of ['wall', 'door', 'same']) await put(id, id);
  const former = await reserve('0,0,9,9', 'former');
  const since = String((await inject('/manifest')).json.cursor);
  await put('desk', 'Desk');
  await put('wall', 'The Wall');
  await inject({ method: 'DELETE', url: '/compositors/door' });
  await inject({ method: 'DELETE', url: `/regions/${former}` });
  const region = await reserve('20,20,29,29', 'new');
  const { json } = await inject(`/manifest/comparison?since=${since}`);
  t.strictSame(json.total, { added: 0, changed: 0, removed: 0 });
  t.strictSame(json.fleet, {
    total: { added: 1, changed: 1, removed: 1 },
    items: [
      { id: 'desk', change: 'added', name: 'Desk' },
      { id: 'wall', change: 'changed', name: 'The Wall', fields: ['name', 'generation', 'registeredAt'] },
      { id: 'door', change: 'removed', name: 'door' },
    ],
  });
  const of = { compositor: 'wall' };
  t.strictSame(json.regions, {
    total: { added: 1, changed: 0, removed: 1 },
    items: [
      { id: region, change: 'added', rect: '20,20,29,29', ...of, purpose: 'new' },
      { id: former, change: 'removed', rect: '0,0,9,9', ...of, purpose: 'former' },
    ],
  });
  const part = await inject(`/manifest/comparison?since=${since}&view=20,20,20,20&compositor=wall`);
  t.strictSame(part.json.regions.total, { added: 1, changed: 0, removed: 0 });
  t.strictSame(part.json.fleet.total, { added: 0, changed: 1, removed: 0 });
});

t.test('however much differs, a comparison has at most 10,000 areas', async (t) => {
  const built = await build(t);
  const first = await writeTiles(built, 'wall', { '0,-5': { brick: 'a' } });
  for (const y of [0, 1, 2])
    await writeTiles(
      built,
      'wall',
      Object.fromEntries(Array.from({ length: 4000 }, (_, x) => [`${x},${y}`, { brick: 'a' }])),
    );
  const { json } = await built.inject(`/manifest/comparison?since=${first}`);
  t.equal(json.total.added, 12_000);
  t.equal(json.zoom, 1);
  t.equal(Object.keys(json.areas).length, 4000);
});

t.test('wrong comparisons are named', async (t) => {
  const built = await build(t);
  const { first, second } = await threeMoments(built);
  for (const [query, field] of [
    ['', 'since'],
    [`since=${first}&zoom=17`, 'zoom'],
    [`since=${first}&view=1,2`, 'view'],
    [`since=${second}&to=${first}`, 'to'],
    [`since=x`, 'since'],
  ] as const)
    t.match(
      await built.inject(`/manifest/comparison?${query}`),
      { status: 400, json: { errors: [{ in: 'query', field }] } },
      query,
    );
  t.match(await built.inject('/manifest/comparison?since=2-00000000'), { status: 410 });
});
