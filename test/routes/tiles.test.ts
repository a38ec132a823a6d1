import t from 'tap';
import { build } from '../support/build.ts';

t.test('tiles are patched, replaced, read, and taken over', async (t) => {
  const { inject } = await build(t);
  for (const id of ['wall', 'door'])
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id } });
  const write = (method: 'PATCH' | 'PUT', url: string, payload: object) => inject({ method, url, payload });
  const WALL = '/compositors/wall/tiles';

  const tiles = { '0,0': { brick: 'a', timestamp: 100 }, '9,9': { brick: 'b', timestamp: 100 } };
  t.match(await write('PATCH', WALL, tiles), { status: 200, json: { changed: 2 } });
  t.match(await write('PATCH', WALL, tiles), { json: { changed: 0 } }, 'the same again commits nothing');
  const read = await inject(WALL);
  t.strictSame(read.json, tiles);
  t.strictSame((await inject(`${WALL}?view=0,0,1,1`)).json, { '0,0': tiles['0,0'] });
  t.match(await inject({ url: WALL, headers: { 'if-none-match': String(read.headers['etag']) } }), {
    status: 304,
    text: '',
  });

  t.match(await write('PUT', `${WALL}?view=0,0,1,1`, { '1,1': { brick: 'c', timestamp: 100 } }), {
    json: { changed: 2 },
  });
  t.strictSame(Object.keys((await inject(WALL)).json).sort(), ['1,1', '9,9']);
  t.match(await write('PUT', `${WALL}?view=0,0,1,1`, { '5,5': { brick: 'c' } }), {
    status: 400,
    json: { errors: [{ in: 'body', field: '/5,5' }] },
  });
  t.match(await write('PUT', WALL, (await inject(WALL)).json), { json: { changed: 0 } }, 'what is read fits');

  const older = await write('PATCH', '/compositors/door/tiles', {
    '9,9': { brick: 'd', timestamp: 100 },
    '8,8': { brick: 'd' },
  });
  t.match(older, {
    status: 409,
    json: {
      type: '/problems/tile-taken',
      errors: [{ field: '/9,9', detail: /^belongs to \w+ since [\d.]+ \(\d{4}-\d\d-\d\dT.*Z\);/ }],
    },
  });
  t.strictSame((await inject('/compositors/door/tiles')).json, {}, 'nothing of it was done');
  t.match(await write('PATCH', '/compositors/door/tiles', { '9,9': { brick: 'd', timestamp: 101 } }), {
    status: 200,
  });
  t.strictSame(Object.keys((await inject(WALL)).json), ['1,1']);
  t.match(await inject('/compositors/nobody/tiles'), { status: 404 });
  t.match(await write('PATCH', '/compositors/nobody/tiles', {}), { status: 404 });
});
