import t from 'tap';
import { build } from '../support/build.ts';

interface Item {
  revision: number;
  by: string;
  tile?: { brick: string; compositor: string } | null;
  before?: { brick: string; compositor: string } | null;
}

t.test('the history of a cell: who had it when', async (t) => {
  const { inject } = await build(t);
  const put = (id: string) =>
    inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id, ttl: 3600 } });
  const patch = (id: string, payload: object) =>
    inject({ method: 'PATCH', url: `/compositors/${id}/tiles`, payload });
  const read = async (query: string) =>
    (await inject(`/manifest/history?${query}`)).json as { items: Item[]; next: string | null };
  await put('wall');
  await put('desk');
  await patch('wall', { '3,-4': { brick: 'a.png' }, '13,-4': { brick: 'other.png' } });
  await patch('wall', { '13,-4': { brick: 'not-here.png' } });
  await patch('desk', { '3,-4': { brick: 'b.png' } });
  await inject({ method: 'DELETE', url: '/compositors/desk' });

  const { items, next } = await read('cell=3,-4');
  t.match(items, [
    // The end of a compositor takes its tiles with it.
    { tile: null, before: { brick: 'b.png', compositor: 'desk' } },
    {
      by: 'desk',
      tile: { brick: 'b.png', compositor: 'desk' },
      before: { brick: 'a.png', compositor: 'wall' },
    },
    { by: 'wall', tile: { brick: 'a.png', compositor: 'wall' }, before: null },
  ]);
  t.equal(items.length, 3);
  t.equal(next, null);

  const first = await read('cell=3,-4&limit=2');
  t.strictSame(first.items, items.slice(0, 2));
  const rest = await read(`cell=3,-4&limit=2&after=${first.next}`);
  t.strictSame(rest, { items: items.slice(2), next: null });

  const ofWall = await read('by=wall');
  t.strictSame(
    ofWall.items.map(({ revision, tile }) => [revision, tile]),
    [
      [4, undefined],
      [3, undefined],
      [1, undefined],
    ],
  );
  t.strictSame((await read('by=wall&cell=3,-4')).items, items.slice(2), 'both must hold');
  t.strictSame(await read('cell=9,9'), { items: [], next: null });
});
