import t from 'tap';
import { Districts } from '../../web/districts.ts';
import { Pace } from '../../web/pace.ts';
import { Palette } from '../../web/palette.ts';
import { Scene } from '../../web/scene.ts';
import { DARK } from '../../web/theme.ts';

const HAPPENING = { now: 0, revision: 1, visible: false };

function districtsOf(cells: readonly (readonly [x: number, y: number])[]): Districts {
  const scene = new Scene({ palette: new Palette({ theme: DARK }) });
  for (const [x, y] of cells)
    scene.set(x, y, { brick: 'b', timestamp: 0, compositor: 'wall' }, { ...HAPPENING });
  const districts = new Districts({ scene });
  districts.update();
  return districts;
}

// With 100,000 tiles far apart each look took 400 ms, and there was one every 400 ms: nothing else got a turn.
t.test('a look that takes long is not taken again soon', async (t) => {
  let now = 1000;
  const pace = new Pace({ every: 400, clock: () => now });
  const taking = (ms: number) => () => (now += ms);
  t.equal(pace.run(taking(500)), 1500, 'the first turn is at once');
  now += 19 * 500 - 1;
  t.equal(pace.run(taking(1)), undefined, 'and the next one after 19 times as long');
  now += 1;
  t.ok(pace.run(taking(1)));
  now += 398;
  t.equal(pace.run(taking(1)), undefined, 'what costs little keeps its rhythm');
  now += 1;
  t.ok(pace.run(taking(1)));
});

t.test('the largest connected part is what a compositor has its label over', async (t) => {
  const line = Array.from({ length: 5 }, (_, i) => [i * 64, i * 64] as const);
  const districts = districtsOf([[-1000, 0], [-999, 0], ...line]);
  t.match(districts.of('wall'), { count: 2, x1: -1000, x2: -999 }, 'from the fullest chunk');
  t.strictSame(districts.bounds, { x1: -1000, y1: 0, x2: 256, y2: 256 });
  t.match(districtsOf([...line, [1, 1]]).of('wall'), { count: 6, x1: 0, y1: 0, x2: 256, y2: 256 });
});

// Keys of 26 bits a coordinate had the chunks at the plane's lower edge and those at its upper edge, one column on, side by side.
t.test('the opposite edge of the plane is far away', async (t) => {
  const [top, bottom] = [-(2 ** 31), 2 ** 31 - 1];
  const districts = districtsOf([
    [0, bottom],
    [1, bottom],
    [64, top],
  ]);
  t.match(districts.of('wall'), { count: 2, y1: bottom, y2: bottom });
});
