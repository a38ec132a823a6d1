import t from 'tap';
import { build } from '../support/build.ts';
import { newToken } from '../../src/services/access/tokens.ts';

const tiles = (count: number, brick = 'b', y = 0) =>
  Object.fromEntries(Array.from({ length: count }, (_, x) => [`${x},${y}`, { brick }]));

t.test('a write over a quota is refused whole, and says by how much', async (t) => {
  const { app, inject } = await build(t, { settings: { quota: { tiles: 5, compositors: 2 } } });
  const put = (id: string) => inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id } });
  const patch = (payload: object, id = 'a') =>
    inject({ method: 'PATCH', url: `/compositors/${id}/tiles`, payload });
  t.equal((await put('a')).status, 201);
  t.equal((await put('b')).status, 201);
  t.equal((await patch(tiles(4))).status, 200);
  const { head } = app.replica.copy;

  const refused = await patch({ ...tiles(4, 'other'), ...tiles(2, 'b', 7) });
  t.equal(refused.status, 409);
  t.match(refused.json, {
    type: '/problems/quota-exceeded',
    quota: { quota: 'quota.tiles', limit: 5, used: 4, needed: 6 },
  });
  t.match((await put('c')).json, { quota: { quota: 'quota.compositors', limit: 2, used: 2, needed: 3 } });
  t.equal(app.replica.copy.head, head, 'nothing was committed');
  t.strictSame(
    (await app.store.leases()).leases.map(({ id }) => id).sort(),
    ['a', 'b'],
    'who was refused holds no lease',
  );

  t.equal((await patch(tiles(4, 'other'))).status, 200, 'replaced');
  t.equal((await patch({ '0,0': null, '5,5': { brick: 'b' } })).status, 200, 'moved');
  const both = await Promise.all([patch(tiles(1, 'b', 1)), patch(tiles(1, 'b', 2), 'b')]);
  t.strictSame(both.map(({ status }) => status).sort(), [200, 409], 'two in one batch: the first one fits');
  const large = {
    name: 'a',
    labels: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`l${i}`, '🂡'.repeat(200)])),
  };
  t.match((await inject({ method: 'PUT', url: '/compositors/a', payload: large })).json, {
    quota: { quota: 'quota.entryBytes', limit: 32_768 },
  });

  t.match((await inject('/health')).json, {
    status: 'pass',
    quotas: { tiles: { used: 5, limit: 5 }, compositors: { used: 2, limit: 2 } },
  });
  t.match((await inject('/metrics')).text, /compositord_quota_used\{quota="tiles"\} 5\n/);
  t.match((await inject('/metrics')).text, /compositord_quota_limit\{quota="compositors"\} 2\n/);
  t.equal((await inject({ method: 'DELETE', url: '/compositors/b' })).status, 200);
  t.equal((await put('c')).status, 201, 'there is room again');
});

t.test('a token has a quota over all that it may write', async (t) => {
  const { token, hash } = newToken();
  const { inject } = await build(t, {
    settings: {
      quota: { tilesPerCompositor: 3 },
      auth: [
        { name: 't', hash, scopes: ['write'], compositors: ['a*'], quota: { tiles: 4, compositors: 2 } },
      ],
    },
  });
  const send = (method: 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object) =>
    inject({
      method,
      url: `/compositors/${path}`,
      headers: { authorization: `Bearer ${token}` },
      ...(payload && { payload }),
    });
  for (const id of ['a1', 'a2']) t.equal((await send('PUT', id, { name: id })).status, 201);
  t.match((await send('PUT', 'a3', { name: 'a3' })).json, {
    quota: { quota: 'token.compositors', limit: 2 },
  });
  t.match((await send('PATCH', 'a1/tiles', tiles(4))).json, { quota: { quota: 'quota.tilesPerCompositor' } });
  t.equal((await send('PATCH', 'a1/tiles', tiles(3))).status, 200);
  t.match((await send('PATCH', 'a2/tiles', tiles(2, 'b', 1))).json, {
    quota: { quota: 'token.tiles', used: 3, needed: 5 },
  });
  t.equal((await send('PATCH', 'a2/tiles', tiles(1, 'b', 1))).status, 200);
  t.equal((await send('DELETE', 'a1')).status, 200, 'leaving is never refused');
});
