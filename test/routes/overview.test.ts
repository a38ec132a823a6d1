import t from 'tap';
import { areasOf } from '../../src/domain/area.ts';
import type { Tile } from '../../src/domain/tile.ts';
import { build, type Built } from '../support/build.ts';
import { writeTiles } from './write-tiles.ts';

/** The areas that whoever reads the tiles of the same view computes. */
async function computed({ inject }: Built, query: string, zoom: number): Promise<object> {
  const { json } = await inject(`/manifest?${query}`);
  return Object.fromEntries(areasOf(Object.entries(json.tiles as Record<string, Tile>), zoom));
}

t.test('with a zoom there are areas instead of tiles', async (t) => {
  const built = await build(t);
  const { inject } = built;
  await writeTiles(built, 'wall', {
    '0,0': { brick: 'a', timestamp: 5 },
    '7,7': { brick: 'a', timestamp: 6.5 },
  });
  const cursor = await writeTiles(built, 'door', {
    '-1,0': { brick: 'b', timestamp: 4 },
    '1,1': { brick: 'b', timestamp: 1 },
  });

  const all = await inject('/manifest?zoom=3');
  t.strictSame(all.json.areas, {
    '0,0': {
      tiles: 3,
      owners: [
        ['wall', 2],
        ['door', 1],
      ],
      timestamp: 6.5,
    },
    '-1,0': { tiles: 1, owners: [['door', 1]], timestamp: 4 },
  });
  t.match(all.json, { cursor, view: { rect: null, compositors: null, zoom: 3 } });
  t.notOk('tiles' in all.json);
  t.strictSame(Object.keys(all.json.compositors).sort(), ['door', 'wall']);
  for (const zoom of [1, 2, 5, 16]) {
    const { json } = await inject(`/manifest?zoom=${zoom}`);
    t.strictSame(json.areas, await computed(built, '', zoom));
  }

  const part = await inject('/manifest?zoom=3&view=5,5,0,6');
  t.strictSame(Object.keys(part.json.areas), ['0,0'], 'an area that the view touches counts all its tiles');
  t.equal(part.json.areas['0,0'].tiles, 3);
  t.equal(part.json.view.rect, '0,0,7,7');
  const ofDoor = await inject('/manifest?zoom=3&compositor=door');
  t.strictSame(ofDoor.json.areas, await computed(built, 'compositor=door', 3));
  t.strictSame(
    await inject('/manifest?zoom=0').then(({ json }) => json),
    await inject('/manifest').then(({ json }) => json),
  );
});

t.test('an overview has a validator of its own, and is as new as was asked for', async (t) => {
  const built = await build(t);
  const { inject } = built;
  await writeTiles(built, 'wall', { '0,0': { brick: 'a' } });
  const first = await inject('/manifest?zoom=4');
  const etag = String(first.headers['etag']);
  t.not(etag, String((await inject('/manifest?zoom=5')).headers['etag']));
  t.match(await inject({ url: '/manifest?zoom=4', headers: { 'if-none-match': etag } }), {
    status: 304,
    text: '',
  });
  const cursor = await writeTiles(built, 'wall', { '0,0': null });
  const next = await inject({
    url: `/manifest?zoom=4&atLeast=${cursor}`,
    headers: { 'if-none-match': etag },
  });
  t.match(next, { status: 200, json: { cursor } });
  t.strictSame(next.json.areas, {});
});

t.test('a reply has at most 10,000 areas', async (t) => {
  const built = await build(t);
  const row = (y: number) =>
    Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [`${2 * i},${y}`, { brick: 'a' }]));
  await writeTiles(built, 'wall', row(0));
  await writeTiles(built, 'wall', row(2));
  t.match(await built.inject('/manifest?zoom=1'), {
    status: 400,
    json: { type: '/problems/invalid-request', errors: [{ in: 'query', field: 'zoom' }] },
  });
  const { json } = await built.inject('/manifest?zoom=1&view=0,0,10001,0');
  t.equal(Object.keys(json.areas).length, 5001);
});
