import t from 'tap';
import type { Area } from '../../src/client/client.ts';
import { Palette } from '../../web/colours/palette.ts';
import { DARK } from '../../web/colours/theme.ts';
import { readOverview } from '../../web/map/overview-reader.ts';
import { PlaneOverview } from '../../web/map/plane-overview.ts';
import { parseRectangle, type Rectangle } from '../../web/map/rectangle.ts';
import { Scene } from '../../web/map/scene.ts';
import { MinimapGeometry } from '../../web/plane/minimap-geometry.ts';

const SIZE = { width: 160, height: 100 };
const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];

t.test('all tiles are on the small map, and a place on it is a cell', async (t) => {
  const map = new MinimapGeometry({ x1: 100, y1: 0, x2: 299, y2: 99 }, SIZE);
  const [left, top] = map.placeOf(100, 0);
  const [right, bottom] = map.placeOf(300, 100);
  t.ok(left >= 0 && top >= 0 && right <= SIZE.width && bottom <= SIZE.height, `${left}, ${top}`);
  t.ok(right - left > 0.8 * SIZE.width, 'as large as fits');
  const [x, y] = map.cellAt(...map.placeOf(222, 33));
  t.ok(Math.abs(x - 222) < 1e-6 && Math.abs(y - 33) < 1e-6);
});

t.test('the frame is seen wherever the camera is', async (t) => {
  const map = new MinimapGeometry({ x1: LEAST, y1: LEAST, x2: MOST, y2: MOST }, SIZE);
  const close = map.frameOf(0, 0, 30, 20);
  t.match([close.width, close.height], [9, 9], 'on thirty cells of four thousand million');
  t.ok(Math.abs(close.x + 4.5 - 80) < 1 && Math.abs(close.y + 4.5 - 50) < 1);
  const corner = map.frameOf(MOST, MOST, MOST + 100, MOST + 100);
  t.ok(corner.x + corner.width <= SIZE.width && corner.y + corner.height <= SIZE.height);
  const small = new MinimapGeometry({ x1: 0, y1: 0, x2: 99, y2: 99 }, SIZE);
  t.match(small.frameOf(-1e6, -1e6, 1e6, 1e6), { x: 0, y: 0, ...SIZE }, 'around everything');
  t.match(small.frameOf(1e6, 0, 1e6 + 9, 9), { x: SIZE.width - 9 }, 'at the edge when it looks elsewhere');
});

/** A daemon with these tiles, which counts what is requested of it. */
function daemonWith(cells: readonly (readonly [x: number, y: number])[]) {
  const requested: Record<string, string>[] = [];
  const overview = async (query: Record<string, string>) => {
    requested.push(query);
    const zoom = Number(query['zoom']);
    const view = query['view'] === undefined ? undefined : parseRectangle(query['view']);
    const side = 2 ** zoom;
    const areas: Record<string, Area> = {};
    for (const [x, y] of cells) {
      const [ax, ay] = [Math.floor(x / side), Math.floor(y / side)];
      if (
        view &&
        !touches(view, { x1: ax * side, y1: ay * side, x2: ax * side + side - 1, y2: ay * side + side - 1 })
      )
        continue;
      const tiles = (areas[`${ax},${ay}`]?.tiles ?? 0) + 1;
      areas[`${ax},${ay}`] = { tiles, owners: [['wall', tiles]], timestamp: 0 };
    }
    return { areas, compositors: {} };
  };
  return { requested, overview };
}

function touches(a: Rectangle, b: Rectangle): boolean {
  return a.x1 <= b.x2 && b.x1 <= a.x2 && a.y1 <= b.y2 && b.y1 <= a.y2;
}

t.test('an overview of a part of a few areas, found without reading more', async (t) => {
  const api = daemonWith([
    [0, 0],
    [999, 999],
    [5_000_000, 0],
  ]);
  t.match(await readOverview(api, {}, 40), { zoom: 16, bounds: { x1: 0, y1: 0 } });
  const near = await readOverview(api, {}, 40, { x1: -8, y1: -8, x2: 1500, y2: 1500 });
  t.match(near, { bounds: { x1: 0, y1: 0, x2: 1023, y2: 1023 } });
  t.strictSame(Object.keys(near!.areas).sort(), ['0,0', '31,31']);
  t.equal(await readOverview(api, {}, 40, { x1: 2000, y1: 2000, x2: 3000, y2: 3000 }), undefined);
});

t.test('the overview is of what the page knows, else it is requested now and then', async (t) => {
  const api = daemonWith([
    [0, 0],
    [1, 0],
    [300, 0],
  ]);
  const palette = new Palette({ theme: DARK });
  const scene = new Scene({ palette });
  let [all, revision, at] = [true, 7, undefined as string | undefined];
  const overview = new PlaneOverview({
    api,
    scene,
    palette,
    knowsAll: () => all,
    revision: () => revision,
    at: () => at,
  });
  await overview.update(0);
  t.equal(overview.state, undefined, 'no tiles');
  scene.set(5, 5, { brick: 'b', timestamp: 0, compositor: 'wall' }, { now: 0, revision: 1, visible: false });
  await overview.update(1);
  t.match(overview.state, { bounds: { x1: 5, y1: 5, x2: 5, y2: 5 }, squares: [{ count: 1 }] });
  t.strictSame(api.requested, []);

  all = false;
  await overview.update(2);
  t.equal(
    overview.state!.squares.reduce((sum, { count }) => sum + count, 0),
    3,
  );
  const { length } = api.requested;
  await overview.update(20_000);
  revision = 8;
  await overview.update(9000);
  t.equal(api.requested.length, length, 'neither when nothing changed nor too soon');
  await overview.update(20_001);
  t.ok(api.requested.length > length);
  at = '5-00000000';
  await overview.update(20_002);
  t.equal(api.requested.at(-1)!['at'], at, 'of the moment that is on the page');
});
