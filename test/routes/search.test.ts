import t from 'tap';
import { build } from '../support/build.ts';

t.test('bricks are found by a part of their name, the nearest first', async (t) => {
  const { inject } = await build(t);
  const write = async (id: string, payload: object) => {
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id } });
    await inject({ method: 'PATCH', url: `/compositors/${id}/tiles`, payload });
  };
  await write('a', {
    '9,9': { brick: 'Wall.png' },
    '1,0': { brick: 'wall.png' },
    '0,0': { brick: 'a wall' },
  });
  await write('b', { '-2,0': { brick: 'wall.jpg' }, '5,5': { brick: 'door' } });
  const cells = async (query: string) => {
    const { status, json } = await inject(`/manifest/search?${query}`);
    t.equal(status, 200, query);
    return [json.total, ...json.items.map(({ cell }: { cell: string }) => cell)];
  };
  t.strictSame(await cells('brick=wall'), [4, '1,0', '-2,0', '9,9', '0,0']);
  t.strictSame(await cells('brick=WALL&near=9,8&limit=2'), [4, '9,9', '1,0'], 'what is left out is counted');
  t.strictSame(await cells('brick=wall&compositor=b'), [1, '-2,0']);
  t.strictSame(await cells('brick=wall&view=0,0,5,5'), [2, '1,0', '0,0']);
  t.strictSame(await cells('brick=%5C'), [0]);
  const reply = await inject('/manifest/search?brick=door');
  const { json } = await inject('/manifest');
  t.match(reply.headers, { 'manifest-cursor': json.cursor, 'cache-control': 'no-store' });
  t.match(reply.json.items[0], { cell: '5,5', brick: 'door', compositor: 'b' });
});

t.test('wrong searches are named', async (t) => {
  const { inject } = await build(t);
  for (const [query, field] of [
    ['', 'brick'],
    ['brick=', 'brick'],
    [`brick=${'x'.repeat(256)}`, 'brick'],
    ['brick=a%00b', 'brick'],
    ['brick=a&brick=b', 'brick'],
    ['brick=a&near=1', 'near'],
    ['brick=a&near=1,2147483648', 'near'],
    ['brick=a&near=-0,1', 'near'],
    ['brick=a&limit=0', 'limit'],
    ['brick=a&limit=1001', 'limit'],
    ['brick=a&zoom=1', 'zoom'],
  ] as const)
    t.match(
      await inject(`/manifest/search?${query}`),
      { status: 400, json: { errors: [{ in: 'query', field }] } },
      query,
    );
});
