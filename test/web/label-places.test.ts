import t from 'tap';
import { place } from '../../web/plane/label-places.ts';

const SCREEN = { width: 1000, height: 700 };
const BOX = { x1: 400, y1: 300, x2: 600, y2: 400 };

t.test('a label is above its tiles, in their middle', async (t) => {
  t.match(place(BOX, 80, SCREEN, []), { x: 460, y: 272 });
  t.match(place({ ...BOX, y1: -500 }, 80, SCREEN, []), { y: 12 }, 'or at the edge of the screen');
  t.match(place({ ...BOX, x1: -900, x2: 20 }, 80, SCREEN, []), { x: 12 });
  t.match(place({ ...BOX, x1: 980, x2: 2000 }, 80, SCREEN, []), { x: 908 });
});

t.test('where another label is, it goes below, or not at all', async (t) => {
  const first = place(BOX, 80, SCREEN, [])!;
  const second = place(BOX, 120, SCREEN, [first])!;
  t.match(second, { y: 406 });
  t.equal(place(BOX, 80, SCREEN, [first, second]), undefined);
  t.equal(place({ ...BOX, y2: 690 }, 80, SCREEN, [first]), undefined, 'nor below the screen');
});
