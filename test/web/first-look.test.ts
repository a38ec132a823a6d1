import t from 'tap';
import { chunkKeyOf } from '../../web/map/chunk.ts';
import type { Extent } from '../../web/map/extent.ts';
import { firstLook } from '../../web/map/first-look.ts';
import { locate } from '../../web/map/locate.ts';
import type { Area } from '../../src/client/client.ts';

const SCREEN = { width: 960, height: 600 };

/** Chunks full of tiles, `count` in each: from x1,y1 to x2,y2, in chunks. */
function blocks(...walls: readonly [x1: number, y1: number, x2: number, y2: number, count: number][]) {
  const all = new Map<number, Extent>();
  for (const [x1, y1, x2, y2, count] of walls)
    for (let x = x1; x <= x2; x++)
      for (let y = y1; y <= y2; y++)
        all.set(chunkKeyOf(x, y), { count, x1: x * 64, y1: y * 64, x2: x * 64 + 63, y2: y * 64 + 63 });
  return all;
}

t.test('nothing to look at', async (t) => {
  t.equal(firstLook(new Map(), SCREEN), undefined);
});

t.test('all tiles, where they are seen then', async (t) => {
  t.strictSame(
    firstLook(blocks([0, 0, 1, 0, 4]), SCREEN),
    { rect: { count: 8, x1: 0, y1: 0, x2: 127, y2: 63 }, whole: true },
    'few tiles, side by side, each seen',
  );
  t.match(firstLook(blocks([-8, -8, 7, 7, 4096]), SCREEN), { whole: true }, 'a million, as one large wall');
});

// It opened with all tiles on the screen, wherever they were: 24 specks on an empty page.
t.test('the largest group, where all tiles together would be specks', async (t) => {
  const look = firstLook(blocks([0, 0, 1, 1, 900], [200, 0, 200, 0, 4000], [0, 300, 0, 300, 9]), SCREEN);
  t.match(look, { whole: false, rect: { x1: 200 * 64, y1: 0, x2: 200 * 64 + 63, y2: 63 } });
});

t.test('the densest part of a group that is too large to be seen', async (t) => {
  const sparse = blocks([0, 0, 200, 200, 1], [150, 60, 150, 60, 800]);
  const { rect } = firstLook(sparse, SCREEN)!;
  t.ok(rect.x1 >= 149 * 64 && rect.x2 < 152 * 64, `${rect.x1} to ${rect.x2}`);
  t.ok(rect.y1 >= 59 * 64 && rect.y2 < 62 * 64, `${rect.y1} to ${rect.y2}`);
});

t.test('four tiles at the corners of the plane: one of them', async (t) => {
  const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
  const corners = [least, most].flatMap((x) => [least, most].map((y) => [x, y] as const));
  const look = firstLook(
    new Map(corners.map(([x, y]) => [chunkKeyOf(x >> 6, y >> 6), { count: 1, x1: x, y1: y, x2: x, y2: y }])),
    SCREEN,
  )!;
  t.equal(look.whole, false);
  t.equal(look.rect.x1, look.rect.x2);
  t.equal(Math.abs(look.rect.x1) >= most, true);
});

const area = (tiles: number): Area => ({ tiles, owners: [['wall', tiles]], timestamp: 0 });

t.test('large areas are made smaller before they are believed', async (t) => {
  // Four areas of 65536 x 65536 cells, around a wall of 1000 x 1000 tiles in their middle.
  const large = new Map(['-1,-1', '0,-1', '-1,0', '0,0'].map((name) => [name, area(250_000)]));
  const found = locate(large, 16, SCREEN);
  t.match(found, { total: 1_000_000, whole: true });
  t.ok(found.zoom > 0 && found.zoom < 16, `${found.zoom}`);
  const small = new Map<string, Area>();
  for (let x = -31; x <= 31; x++) for (let y = -31; y <= 31; y++) small.set(`${x},${y}`, area(252));
  const precise = locate(small, 4, SCREEN, 1_000_000);
  t.ok(precise.whole && precise.zoom >= 4, `these are seen, and stay: ${precise.zoom}`);
});

t.test('of areas that are far apart, those of the largest group', async (t) => {
  const areas = new Map([
    ['0,0', area(30_000)],
    ['1,0', area(40_000)],
    ['500,500', area(9)],
  ]);
  const found = locate(areas, 8, SCREEN);
  t.match(found, { total: 70_009, whole: false, rect: { x1: 0, y1: 0, x2: 511, y2: 255 } });
  t.ok(found.zoom < 8);
  t.match(locate(new Map([['0,0', area(9)]]), 16, SCREEN), { zoom: 0 }, 'few tiles are read one by one');
});
