import t from 'tap';
import { percentOf, sharesOfAreas, sharesOfTiles } from '../../web/panels/shares.ts';

t.test('areas add up; what they do not name is others', async (t) => {
  const shares = sharesOfAreas([
    {
      tiles: 10,
      owners: [
        ['a', 6],
        ['b', 2],
      ],
      timestamp: 5,
    },
    { tiles: 4, owners: [['b', 4]], timestamp: 9 },
  ]);
  t.strictSame(shares, {
    tiles: 14,
    owners: [
      ['a', 6],
      ['b', 6],
    ],
    others: 2,
    newest: 9,
  });
});

t.test('so do tiles; of equal owners the lesser id comes first', async (t) => {
  const tile = (compositor: string, timestamp: number) => ({ brick: 'x', compositor, timestamp });
  t.strictSame(sharesOfTiles([tile('b', 1), tile('a', 3), tile('b', 2), tile('a', 0)]), {
    ...{
      tiles: 4,
      owners: [
        ['a', 2],
        ['b', 2],
      ],
      others: 0,
      newest: 3,
    },
  });
  t.strictSame(sharesOfTiles([]), { tiles: 0, owners: [], others: 0, newest: undefined });
});

t.test('percent: something is never nothing, and less than all never all', async (t) => {
  t.equal(percentOf(1, 1000), '< 1 %');
  t.equal(percentOf(999, 1000), '99 %');
  t.equal(percentOf(1000, 1000), '100 %');
  t.equal(percentOf(1, 3), '33 %');
});
