import t from 'tap';
import { LabelPlaces, type Box } from '../../web/plane/label-places.ts';

const SCREEN = { width: 1000, height: 700 };
const BOX = { x1: 400, y1: 300, x2: 600, y2: 400 };

const placesFor = (covered: readonly Box[] = [], tiles: readonly Box[] = []) =>
  new LabelPlaces({ screen: SCREEN, covered, tiles });

t.test('a label is above its tiles, in the middle of what is seen of them', async (t) => {
  const places = placesFor();
  t.match(places.find(BOX, 80), { x: 460, y: 272 });
  t.match(places.find({ ...BOX, x1: -900, x2: 20 }, 80), { x: 12 }, 'at the edge of the screen');
  t.match(places.find({ ...BOX, x1: 980, x2: 2000 }, 80), { x: 908 });
  t.match(places.find({ ...BOX, x1: -5000, x2: 300 }, 80), { x: 110 }, 'not in that of all of them');
});

t.test('below, where tiles begin above the screen; on them when they fill it', async (t) => {
  const places = placesFor();
  t.match(places.find({ ...BOX, y1: -500 }, 80), { y: 406 });
  t.match(places.find({ ...BOX, y1: -500, y2: 5000 }, 80), { y: 12 });
});

t.test('where another label is, it goes below, or not at all', async (t) => {
  const places = placesFor();
  const first = places.find(BOX, 80)!;
  places.take(first, 80);
  t.match(places.find({ ...BOX, y2: 690 }, 80), undefined, 'nor below the screen');
  const second = places.find(BOX, 120)!;
  t.match(second, { y: 406 });
  places.take(second, 120);
  t.equal(places.find(BOX, 80), undefined);
});

// Labels lay under the panel and the status, and could neither be read nor clicked.
t.test('it keeps clear of panels', async (t) => {
  const status = { x1: 380, y1: 250, x2: 520, y2: 310 };
  t.match(placesFor([status]).find(BOX, 80), { x: 526, y: 272 }, 'beside one');
  const wide = { x1: 300, y1: 200, x2: 700, y2: 310 };
  t.match(placesFor([wide]).find(BOX, 80), { x: 460, y: 406 }, 'below');
  const large = { x1: 0, y1: 0, x2: 1000, y2: 700 };
  t.match(placesFor([wide]).find(large, 80), { x: 460, y: 12 });
  t.match(placesFor([{ ...wide, y1: 0 }]).find(large, 80), { y: 12, x: 214 }, 'also on its own tiles');
  t.equal(placesFor([large]).find(BOX, 80), undefined, 'a sheet over all of it');
});

t.test('and of the tiles of others, if there is room', async (t) => {
  const above = { x1: 400, y1: 200, x2: 600, y2: 296 };
  t.match(placesFor([], [BOX, above]).find(BOX, 80), { x: 460, y: 406 });
  const below = { ...above, y1: 404, y2: 500 };
  t.match(placesFor([], [BOX, above, below]).find(BOX, 80), { x: 460, y: 272 }, 'else above, as ever');
});
