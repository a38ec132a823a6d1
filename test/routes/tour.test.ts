import t from 'tap';
import { build } from '../support/build.ts';

t.test('a compositor registers, publishes, is read, and leaves', async (t) => {
  const { inject } = await build(t);
  const put = await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 } });
  t.equal(put.status, 201);
  t.equal(put.headers['location'], '/compositors/wall');
  t.match(put.json, { changed: 1, compositor: { id: 'wall', status: 'registered' }, lease: { ttl: 3600 } });
  t.equal(put.headers['manifest-cursor'], put.json.cursor);

  const patch = await inject({
    method: 'PATCH',
    url: '/compositors/wall/tiles',
    payload: { '3,-4': { brick: 'wall.rts.png' } },
  });
  t.match(patch, { status: 200, json: { changed: 1 } });

  const inView = await inject('/manifest?view=-8,-8,8,8');
  t.match(inView.json, {
    cursor: patch.json.cursor,
    view: { rect: '-8,-8,8,8' },
    tiles: { '3,-4': { brick: 'wall.rts.png', compositor: 'wall' } },
  });
  const elsewhere = await inject('/manifest?view=4,4,8,8');
  t.strictSame(elsewhere.json.tiles, {});

  const gone = await inject({ method: 'DELETE', url: '/compositors/wall' });
  t.match(gone, { status: 200, json: { changed: 2 } });
  t.match(await inject('/manifest'), { status: 200, json: { revision: 3, tiles: {}, compositors: {} } });
});
