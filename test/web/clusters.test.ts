import t from 'tap';
import { Clusters } from '../../web/map/clusters.ts';
import { Throttle } from '../../web/plane/throttle.ts';
import { Palette } from '../../web/colours/palette.ts';
import { Scene } from '../../web/map/scene.ts';
import { DARK } from '../../web/colours/theme.ts';

const UPDATE = { now: 0, revision: 1, visible: false };

function clustersOf(cells: readonly (readonly [x: number, y: number])[]): Clusters {
  const scene = new Scene({ palette: new Palette({ theme: DARK }) });
  for (const [x, y] of cells)
    scene.set(x, y, { brick: 'b', timestamp: 0, compositor: 'wall' }, { ...UPDATE });
  const clusters = new Clusters({ scene });
  clusters.update();
  return clusters;
}

// With 100,000 scattered tiles each computation took 400 ms, and there was one every 400 ms: nothing else could run.
t.test('work that takes long does not run again soon', async (t) => {
  let now = 1000;
  const throttle = new Throttle({ every: 400, clock: () => now });
  const taking = (ms: number) => () => (now += ms);
  t.equal(throttle.run(taking(500)), 1500, 'the first run is at once');
  now += 19 * 500 - 1;
  t.equal(throttle.run(taking(1)), undefined, 'and the next one after 19 times as long');
  now += 1;
  t.ok(throttle.run(taking(1)));
  now += 398;
  t.equal(throttle.run(taking(1)), undefined, 'cheap work keeps its interval');
  now += 1;
  t.ok(throttle.run(taking(1)));
});

t.test('the label of a compositor is over its largest connected cluster', async (t) => {
  const line = Array.from({ length: 5 }, (_, i) => [i * 64, i * 64] as const);
  const clusters = clustersOf([[-1000, 0], [-999, 0], ...line]);
  t.match(clusters.of('wall'), { count: 2, x1: -1000, x2: -999 }, 'from the fullest chunk');
  t.strictSame(clusters.bounds, { x1: -1000, y1: 0, x2: 256, y2: 256 });
  t.match(clustersOf([...line, [1, 1]]).of('wall'), { count: 6, x1: 0, y1: 0, x2: 256, y2: 256 });
});

// Keys of 26 bits a coordinate had the chunks at the plane's lower edge and those at its upper edge, one column on, side by side.
t.test('the opposite edge of the plane is far away', async (t) => {
  const [top, bottom] = [-(2 ** 31), 2 ** 31 - 1];
  const clusters = clustersOf([
    [0, bottom],
    [1, bottom],
    [64, top],
  ]);
  t.match(clusters.of('wall'), { count: 2, y1: bottom, y2: bottom });
});
