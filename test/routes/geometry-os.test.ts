import t, { type Test } from 'tap';
import { build, type Built } from '../support/build.ts';
import type { Json } from '../support/json.ts';
import { writeTiles } from './write-tiles.ts';

/** A row of tiles, `brick-<x>` at each. */
function row(y: number, from: number, count: number, timestamp = 1_700_000_000.75): Json {
  const cells = Array.from({ length: count }, (_, i) => from + i);
  return Object.fromEntries(cells.map((x) => [`${x},${y}`, { brick: `brick-${x}`, timestamp }]));
}

t.test('a chunk has its tiles as the shell reads them, with whole timestamps', async (t) => {
  const built = await build(t);
  await writeTiles(built, 'wall', { ...row(8192, 8190, 4), ...row(-1, -2, 4) });
  const { status, json, headers } = await built.inject('/api/chunk?x=512&y=512&size=16&t=1700000000000');
  t.equal(status, 200);
  t.strictSame(json, {
    chunkX: 512,
    chunkY: 512,
    tiles: {
      '8192,8192': { x: 8192, y: 8192, brick: 'brick-8192', timestamp: 1_700_000_000 },
      '8193,8192': { x: 8193, y: 8192, brick: 'brick-8193', timestamp: 1_700_000_000 },
    },
    metadata: {
      generated_at: Math.floor(Date.parse((await built.inject('/manifest')).json.committedAt) / 1000),
      version: '1.0',
    },
  });
  t.equal(headers['access-control-allow-origin'], '*');
  t.same(
    Object.keys((await built.inject('/api/chunk?x=-1&y=-1')).json.tiles),
    ['-2,-1', '-1,-1'],
    '16 by default',
  );
  t.same(Object.keys((await built.inject('/api/chunk?x=-1&y=-1&size=1')).json.tiles), ['-1,-1']);
  t.same((await built.inject('/api/chunk?x=9&y=9')).json.tiles, {}, 'nothing there');
});

t.test('an empty map has empty chunks', async (t) => {
  const { inject } = await build(t);
  t.match(await inject('/api/chunk?x=0&y=0'), {
    status: 200,
    json: { tiles: {}, metadata: { generated_at: 0 } },
  });
});

t.test('a rectangle of cells, in the same form', async (t) => {
  const built = await build(t);
  await writeTiles(built, 'wall', row(5, 0, 10));
  const { json } = await built.inject('/api/region?x=2&y=4&w=3&h=2&t=1');
  t.match(json, { x: 2, y: 4, w: 3, h: 2, tiles: { '4,5': { x: 4, y: 5, brick: 'brick-4' } } });
  t.same(Object.keys(json.tiles).sort(), ['2,5', '3,5', '4,5']);
});

t.test('a large rectangle is the same, whole and in pieces', async (t) => {
  const built = await build(t);
  for (let y = 0; y < 60; y += 10) {
    const rows = Array.from({ length: 10 }, (_, i) => row(y + i, 0, 100));
    await writeTiles(built, 'wall', Object.assign({}, ...rows));
  }
  const url = await built.app.listen();
  const large = `${url}/api/region?x=0&y=0&w=512&h=512`;
  const whole = (await (await fetch(large, { headers: { 'accept-encoding': 'identity' } })).json()) as Json;
  t.equal(Object.keys(whole.tiles).length, 6000);
  const reply = await fetch(large, { headers: { 'accept-encoding': 'gzip' } });
  t.equal(reply.headers.get('content-encoding'), 'gzip');
  t.strictSame(await reply.json(), whole);
  for (const y of [0, 1, 2, 3]) {
    const { json } = await built.inject(`/api/chunk?x=0&y=${y}&size=16`);
    for (const [key, tile] of Object.entries<Json>(json.tiles)) t.strictSame(whole.tiles[key], tile);
  }
  const chunk = await fetch(`${url}/api/chunk?x=0&y=0&size=30`, { headers: { 'accept-encoding': 'gzip' } });
  t.equal(chunk.headers.get('content-encoding'), 'gzip');
  t.match(chunk.headers.get('etag'), /^W\//);
});

t.test('a chunk that has not changed is not sent again', async (t) => {
  const built = await build(t);
  await writeTiles(built, 'wall', row(0, 0, 4));
  const get = (etag = '') =>
    built.inject({ url: `/api/chunk?x=0&y=0&t=${Math.random()}`, headers: { 'if-none-match': etag } });
  const { headers } = await get();
  const etag = String(headers['etag']);
  t.match(await get(etag), {
    status: 304,
    text: '',
    headers: { 'manifest-cursor': headers['manifest-cursor'] },
  });
  await writeTiles(built, 'wall', { '1,1': { brick: 'new' } });
  t.match(await get(etag), { status: 200, json: { tiles: { '1,1': { brick: 'new' } } } });
});

t.test('numbers that are none, or too many cells, are refused by name', async (t) => {
  const { inject } = await build(t);
  for (const [query, field] of [
    ['chunk?x=0&y=0&size=0', 'size'],
    ['chunk?x=0&y=0&size=-16', 'size'],
    ['chunk?x=0&y=0&size=1e9', 'size'],
    ['chunk?x=0&y=0&size=1000000000', 'size'],
    ['chunk?x=0&y=0&size=513', 'size'],
    ['chunk?x=0.5&y=0', 'x'],
    ['chunk?x=&y=0', 'x'],
    ['chunk?y=0', 'x'],
    ['chunk?x=0&y=NaN', 'y'],
    ['chunk?x=0&y=2147483648', 'y'],
    ['chunk?x=2147483647&y=0', 'x'],
    ['chunk?x=0&y=-2147483648&size=512', 'y'],
    ['chunk?x=0&y=0&siez=3', 'siez'],
    [`chunk?x=0&y=0&t=${'1'.repeat(65)}`, 't'],
    ['region?x=0&y=0&w=0&h=1', 'w'],
    ['region?x=0&y=0&w=1', 'h'],
    ['region?x=0&y=0&w=513&h=512', 'w'],
    ['region?x=0&y=0&w=1e300&h=1', 'w'],
    ['scan?limit=0', 'limit'],
    ['scan?limit=1001', 'limit'],
    ['scan?near=middle', 'near'],
  ] as const)
    t.match(
      await inject(`/api/${query}`),
      { status: 400, json: { type: '/problems/invalid-request', errors: [{ in: 'query', field }] } },
      query,
    );
  t.match(
    await inject('/api/region?x=2147483647&y=2147483647&w=9&h=9'),
    { status: 200 },
    'cut at the end of the plane',
  );
});

t.test('a scan lists the nearest tiles first, and says how many there are', async (t) => {
  const built = await build(t);
  await writeTiles(built, 'wall', row(0, -3, 7));
  const { json } = await built.inject('/api/scan?near=2,0&limit=3');
  t.strictSame(json, {
    poi: [2, 1, 3].map((x) => ({ x, y: 0, brick: `brick-${x}`, is_focused: false })),
    total: 7,
  });
  t.equal((await built.inject('/api/scan')).json.poi[0].x, 0);
});

async function isHidden(t: Test, { inject }: Built) {
  for (const url of [
    '/api/chunk?x=0&y=0',
    '/api/region?x=0&y=0&w=1&h=1',
    '/api/scan',
    '/builder/queue/a.png',
    '/builder/metadata/a.json',
  ])
    t.match(await inject(url), { status: 404, json: { type: '/problems/not-found' } }, url);
  const { paths } = (await inject('/openapi.json')).json;
  t.notOk(Object.keys(paths).some((path) => /^\/(?:api|builder\/queue)\//.test(path)));
  t.match(await inject('/builder/map/manifest.json'), { status: 200 }, 'the file is another matter');
}

t.test('all of it is hidden when it is off', async (t) => {
  await isHidden(t, await build(t, { settings: { geometryOs: 'off' } }));
});

t.test('and by default where others can connect', async (t) => {
  await isHidden(t, await build(t, { settings: { listen: { host: '0.0.0.0' }, auth: 'open', hosts: [] } }));
});

t.test('it is below the base path', async (t) => {
  const { inject } = await build(t, { settings: { basePath: '/maps' } });
  t.match(await inject('/maps/api/chunk?x=0&y=0'), { status: 200 });
  t.match(await inject('/maps/builder/queue/wall.png'), {
    status: 200,
    headers: { 'content-type': 'image/png' },
  });
});
