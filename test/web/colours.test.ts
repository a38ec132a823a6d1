import t from 'tap';
import { Palette } from '../../web/colours/palette.ts';
import { DARK } from '../../web/colours/theme.ts';
import { DisplayState } from '../../web/map/display-state.ts';
import { PlaneOverview } from '../../web/map/plane-overview.ts';
import { PLANE } from '../../web/map/rectangle.ts';
import { Scene } from '../../web/map/scene.ts';

// After a restart of the daemon the same compositors had other colours: a snapshot has them in any order.
t.test('compositors have the same colours in whatever order they come', async (t) => {
  const ids = Array.from({ length: 24 }, (_, i) => `compositor-${i}`);
  const coloursOf = (order: readonly string[]) => {
    const palette = new Palette({ theme: DARK });
    const display = new DisplayState({ scene: new Scene({ palette }), palette, clock: () => 0 });
    const compositors = order.map((id) => [id, { id, name: id, status: 'registered' }] as const);
    display.replace({ rect: PLANE, zoom: 0, tiles: [], areas: [], regions: [], compositors, revision: 1 });
    return ids.map((id) => palette.ownerOf(id).slot);
  };
  t.strictSame(coloursOf([...ids].reverse()), coloursOf(ids));
  t.equal(new Set(coloursOf(ids)).size, 24, 'each its own');
});

// By a link to the past the small map came before the map: compositors had other colours than on the live map.
t.test('also when the small map names them first', async (t) => {
  const ids = Array.from({ length: 24 }, (_, i) => `compositor-${i}`);
  const compositors = Object.fromEntries(
    ids.map((id) => [id, { id, name: id, status: 'registered' } as const]),
  );
  const areas = Object.fromEntries(
    [...ids].reverse().map((id, i) => [`${i},0`, { tiles: 1, owners: [[id, 1] as const], timestamp: 0 }]),
  );
  const slotsOf = (palette: Palette) => ids.map((id) => palette.ownerOf(id).slot);
  const palette = new Palette({ theme: DARK });
  const overview = new PlaneOverview({
    api: { overview: async () => ({ areas, compositors }) },
    scene: new Scene({ palette }),
    palette,
    ...{ knowsAll: () => false, revision: () => 1, at: () => '1-00000000' },
  });
  await overview.refresh();
  const wanted = new Palette({ theme: DARK });
  for (const id of [...ids].sort()) wanted.ownerOf(id);
  t.strictSame(slotsOf(palette), slotsOf(wanted));
});
