import t from 'tap';
import { Palette } from '../../web/colours/palette.ts';
import { DARK } from '../../web/colours/theme.ts';
import { nearestTile, nextTile, type Direction } from '../../web/map/next-tile.ts';
import { PLANE } from '../../web/map/rectangle.ts';
import { Scene } from '../../web/map/scene.ts';
import { Random } from '../simulation/random.ts';

const [LEFT, RIGHT, UP, DOWN]: Direction[] = [
  { dx: -1, dy: 0 },
  { dx: 1, dy: 0 },
  { dx: 0, dy: -1 },
  { dx: 0, dy: 1 },
] as const;

function sceneOf(cells: readonly (readonly [number, number])[]): Scene {
  const scene = new Scene({ palette: new Palette({ theme: DARK }) });
  for (const [x, y] of cells)
    scene.set(x, y, { brick: 'b', timestamp: 0, compositor: 'c' }, { now: 0, revision: 1, visible: false });
  return scene;
}

t.test('an arrow goes to the neighbour, else to the nearest ahead, else to any on that side', async (t) => {
  const scene = sceneOf([
    [0, 0],
    [1, 0],
    [9, 1],
    [8, -30],
    [0, 200],
  ]);
  t.same(nextTile(scene, { x: 0, y: 0 }, RIGHT, PLANE), { x: 1, y: 0 });
  t.same(nextTile(scene, { x: 1, y: 0 }, RIGHT, PLANE), { x: 9, y: 1 }, 'not the one far aside');
  t.same(nextTile(scene, { x: 1, y: 0 }, UP, PLANE), { x: 8, y: -30 });
  t.same(nextTile(scene, { x: 9, y: 1 }, UP, PLANE), { x: 8, y: -30 });
  t.same(nextTile(scene, { x: 8, y: -30 }, LEFT, PLANE), { x: 1, y: 0 }, 'nothing within 45 degrees');
  t.same(nextTile(scene, { x: 0, y: 0 }, DOWN, PLANE), { x: 0, y: 200 }, 'in another chunk');
  t.equal(nextTile(scene, { x: 0, y: 0 }, LEFT, PLANE), undefined);
  t.same(
    nextTile(scene, { x: 0, y: 0 }, DOWN, { x1: -9, y1: -9, x2: 9, y2: 9 }),
    { x: 9, y: 1 },
    'in the area',
  );
});

t.test('it works at the corners of the plane', async (t) => {
  const [low, high] = [-(2 ** 31), 2 ** 31 - 1];
  const scene = sceneOf([
    [low, low],
    [high, high],
    [low, high],
  ]);
  t.same(nextTile(scene, { x: low, y: low }, DOWN, PLANE), { x: low, y: high });
  t.same(nextTile(scene, { x: low, y: high }, RIGHT, PLANE), { x: high, y: high });
  t.same(nearestTile(scene, { x: 5e8, y: 5e8 }, PLANE), { x: high, y: high });
});

// Arrows that lead back and forth between two tiles would never reach the others.
t.test('whoever keeps pressing one arrow comes to an end, and each tile is nearer to it', async (t) => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Random(seed);
    const coordinate = () => Math.floor(random.next() * 200) - 100;
    const scene = sceneOf(Array.from({ length: 60 }, () => [coordinate(), coordinate()] as const));
    for (const direction of [LEFT, RIGHT, UP, DOWN]) {
      const ahead = ({ x, y }: { x: number; y: number }) => x * direction.dx + y * direction.dy;
      let at = nearestTile(scene, { x: 0, y: 0 }, PLANE)!;
      for (
        let next = nextTile(scene, at, direction, PLANE);
        next;
        next = nextTile(scene, at, direction, PLANE)
      ) {
        if (ahead(next) <= ahead(at)) t.fail(`seed ${seed}: from ${at.x},${at.y} to ${next.x},${next.y}`);
        at = next;
      }
      const last = Math.max(...Array.from(scene.cells(), ahead));
      if (ahead(at) !== last) t.fail(`seed ${seed}: stopped at ${at.x},${at.y}`);
    }
  }
});
