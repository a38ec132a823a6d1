import t from 'tap';
import { formatDigest, digestOf } from '../../src/domain/digest.ts';
import { digestsOf } from '../../src/domain/square-digests.ts';
import type { Tile } from '../../src/domain/tile.ts';
import { build, type Built } from '../support/build.ts';
import { writeTiles } from './write-tiles.ts';

/** What whoever reads the tiles of the same view computes. */
async function computed({ inject }: Built, query: string, zoom: number) {
  const { json } = await inject(`/manifest?${query}`);
  const tiles = Object.entries(json.tiles as Record<string, Tile>);
  const digests = [...digestsOf(tiles, zoom)].map(([name, digest]) => [name, formatDigest(digest)]);
  return {
    cursor: json.cursor as string,
    digest: formatDigest(digestOf(tiles)),
    digests: Object.fromEntries(digests) as Record<string, string>,
  };
}

async function twoCompositors(built: Built): Promise<string> {
  await writeTiles(built, 'wall', { '0,0': { brick: 'a' }, '31,31': { brick: 'a' }, '32,0': { brick: 'b' } });
  return writeTiles(built, 'desk', { '-1,0': { brick: 'c' }, '1,1': { brick: 'd' } });
}

t.test('each square that has tiles in view has a digest', async (t) => {
  const built = await build(t);
  const cursor = await twoCompositors(built);
  const { json, headers } = await built.inject('/manifest/digests');
  t.match(json, { cursor, revision: 4, view: { rect: null, compositors: null }, zoom: 5 });
  t.strictSame(Object.keys(json.digests).sort(), ['-1,0', '0,0', '1,0'], 'empty ones are left out');
  t.match(headers, { 'manifest-cursor': cursor, 'cache-control': 'no-cache', etag: `"${cursor}"` });
  t.match(headers, { 'access-control-allow-origin': '*' });
  for (const query of ['', 'view=0,0,1,99', 'view=31,31,32,0', 'compositor=desk', 'view=7,7,8,8'])
    for (const zoom of [5, 6, 16])
      t.match(
        (await built.inject(`/manifest/digests?${query}&zoom=${zoom}`)).json,
        await computed(built, query, zoom),
        `${query} at ${zoom}`,
      );
});

t.test('a reader finds and reads the one square in which its copy differs', async (t) => {
  const built = await build(t);
  const cursor = await twoCompositors(built);
  const copy = await computed(built, '', 5);
  await writeTiles(built, 'wall', { '32,0': { brick: 'another' } });
  const now = (await built.inject('/manifest/digests')).json;
  const differ = Object.keys(now.digests).filter((name) => now.digests[name] !== copy.digests[name]);
  t.strictSame(differ, ['1,0']);
  const then = await built.inject(`/manifest/digests?at=${cursor}`);
  t.match(then.json, copy, 'at the cursor of the copy nothing differs');
  t.match(then.headers, { 'cache-control': 'public, max-age=31536000, immutable' });
});

t.test('as new as was asked for, with a validator', async (t) => {
  const built = await build(t);
  const first = await twoCompositors(built);
  const url = '/manifest/digests?view=0,0,9,9';
  const { etag } = (await built.inject(url)).headers;
  const again = { 'if-none-match': String(etag) };
  t.match(await built.inject({ url, headers: again }), { status: 304, text: '', headers: { etag } });
  const cursor = await writeTiles(built, 'wall', { '3,3': { brick: 'e' } });
  const next = await built.inject({ url: `${url}&atLeast=${cursor}`, headers: again });
  t.match(next, { status: 200, json: { cursor } });
  t.match(await built.inject({ method: 'HEAD', url }), { status: 200, text: '' });
  t.match(await built.inject(`/manifest/digests?at=${first.slice(0, -1)}x`), { status: 400 });
  t.match(await built.inject('/manifest/digests?at=1-00000000'), { status: 410 });
});

t.test('a reply has at most 10,000 digests, and comes compressed', async (t) => {
  const built = await build(t);
  const row = (y: number) =>
    Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [`${32 * i},${y}`, { brick: 'a' }]));
  await writeTiles(built, 'wall', row(0));
  await writeTiles(built, 'wall', row(32));
  t.match(await built.inject('/manifest/digests'), {
    status: 400,
    json: { type: '/problems/invalid-request', errors: [{ in: 'query', field: 'zoom' }] },
  });
  const { json } = await built.inject('/manifest/digests?zoom=6');
  t.equal(Object.keys(json.digests).length, 2501);
  const gzip = { url: '/manifest/digests?zoom=6', headers: { 'accept-encoding': 'gzip' } };
  t.match((await built.app.server.inject(gzip)).headers, { 'content-encoding': 'gzip' });
  const half = await built.inject('/manifest/digests?view=0,0,999999,0');
  t.equal(Object.keys(half.json.digests).length, 5001);
});

t.test('wrong requests are named', async (t) => {
  const { inject } = await build(t);
  for (const [query, field] of [
    ['zoom=4', 'zoom'],
    ['zoom=17', 'zoom'],
    ['zoom=x', 'zoom'],
    ['view=1,2,3', 'view'],
    ['compositor=A', 'compositor'],
    ['revision=1', 'revision'],
    ['at=1-00000000&atLeast=1-00000000', 'at'],
    ['atLeast=1', 'atLeast'],
  ] as const)
    t.match(
      await inject(`/manifest/digests?${query}`),
      { status: 400, json: { errors: [{ in: 'query', field }] } },
      query,
    );
});
