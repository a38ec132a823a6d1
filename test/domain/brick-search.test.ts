import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BrickSearch } from '../../src/domain/brick-search.ts';
import { cellOf, type Tile } from '../../src/domain/tile.ts';
import { cellKey, manifests } from '../support/arbitraries.ts';
import t from 'tap';
import { law } from './law.ts';

const text = fc.constantFrom('wall', 'WALL.', 'a', '.png', 'o', '__PROTO', 'nothing has it');

law(
  t,
  'finds what a look at every tile finds, the nearest of those that begin with the text first',
  [manifests(cellKey), text, cellKey, fc.integer({ min: 1, max: 5 })],
  ({ tiles }, wanted, near, limit) => {
    const search = new BrickSearch({ text: wanted, near: cellOf(near), limit });
    const all = [...tiles];
    search.look(all.slice(0, 3));
    search.look(all.slice(3));
    const name = ({ brick }: Tile) => brick.toLowerCase();
    const found = all.filter(([, tile]) => name(tile).includes(wanted.toLowerCase()));
    const far = (key: string) =>
      (cellOf(key).x - cellOf(near).x) ** 2 + (cellOf(key).y - cellOf(near).y) ** 2;
    const later = (tile: Tile) => (name(tile).startsWith(wanted.toLowerCase()) ? 0 : 1);
    found.sort(([a, one], [b, other]) => later(one) - later(other) || far(a) - far(b) || (a < b ? -1 : 1));
    assert.equal(search.total, found.length);
    assert.deepEqual(
      search.hits().map(({ key, tile }) => [key, tile]),
      found.slice(0, limit),
    );
  },
);

t.test('of very many hits the best are kept', async (t) => {
  const tile = { brick: 'wall', timestamp: 1, compositor: 'a' };
  const search = new BrickSearch({ text: 'wall', near: { x: 5000, y: 0 }, limit: 3 });
  search.look(Array.from({ length: 10_000 }, (_, x) => [`${x},0`, tile] as const));
  t.equal(search.total, 10_000);
  t.strictSame(
    search.hits().map(({ key }) => key),
    ['5000,0', '4999,0', '5001,0'],
  );
});
