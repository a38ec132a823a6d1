import t from 'tap';
import { Palette } from '../../web/colours/palette.ts';
import { DARK } from '../../web/colours/theme.ts';
import { densityOf, joined, stripesOf, type Square } from '../../web/map/square.ts';

const palette = new Palette({ theme: DARK });

function square(x: number, y: number, shares: Record<string, number>, others = 0): Square {
  const counts = Object.values(shares);
  return {
    x,
    y,
    count: counts.reduce((sum, count) => sum + count, others),
    shares: Object.entries(shares).map(([id, count]) => ({ owner: palette.ownerOf(id), count })),
    changedAt: x,
  };
}

t.test('joined squares have the shares of all, most first', async (t) => {
  const [one, ...more] = joined(
    [square(0, 0, { a: 3, b: 2 }), square(4, 4, { b: 9, c: 1 }, 2), square(4, 0, { d: 1, e: 1, f: 1 })],
    3,
  );
  t.strictSame(more, []);
  t.match(one, { x: 0, y: 0, count: 20, changedAt: 4 });
  t.strictSame(
    one!.shares.map(({ owner, count }) => [owner.id, count]),
    [
      ['b', 11],
      ['a', 3],
      ['c', 1],
      ['d', 1],
    ],
    'at most four owners',
  );
  t.strictSame(
    joined([square(-1, -1, { a: 1 })], 3).map(({ x, y }) => [x, y]),
    [[-8, -8]],
  );
});

t.test('each owner of a square is seen', async (t) => {
  const drawn = (square: Square) => stripesOf(square).map(({ owner, width }) => [owner?.id, width]);
  t.strictSame(drawn(square(0, 0, { a: 8 })), [['a', 1]]);
  const [most, least, others] = stripesOf(square(0, 0, { a: 990, b: 2 }, 8)).sort(
    (a, b) => b.width - a.width,
  );
  t.ok(least!.width > 0.09 && others!.width > 0.09 && most!.width > 0.7);
  t.equal(most!.owner?.id, 'a');
  const some = drawn(square(0, 0, { a: 3, b: 1 }));
  t.strictSame(
    drawn(square(0, 0, { b: 3, a: 1 })).map(([id]) => id),
    some.map(([id]) => id),
    'whoever has more: the order is the same in all squares',
  );
});

// One tile and 65,000 in an area looked the same.
t.test('a fuller square is denser, each doubling by the same step', async (t) => {
  const [one, some, many] = [1, 250, 65_000].map((count) => densityOf(count, 65_000)) as [
    number,
    number,
    number,
  ];
  t.ok(one < 0.1 && some > 0.4 && some < 0.6 && many === 1, `${one}, ${some}, ${many}`);
  t.equal(densityOf(9, 4), 1, 'no more than full');
});
