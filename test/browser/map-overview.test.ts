import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, placeOf, screenshot, streamsOf, type MapState } from './map-page.ts';

/** More tiles than the page reads one by one: two walls side by side, and a few tiles far away. */
const SIDE = 180;
const FAR = [
  [9000, 40],
  [9001, 40],
] as const;
const TILES = SIDE * SIDE + FAR.length;
/** A screen of 1000 x 700 that shows all but the far ones. */
const AFAR = '#90,90,2';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const patch = (id: string, tiles: object) => send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles);

for (const [id, name] of [
  ['left', 'Left wall'],
  ['right', 'Right wall'],
] as const) {
  await send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
  for (let y = 0; y < SIDE; y += 60) {
    const tiles: Record<string, { brick: string }> = {};
    for (let i = 0; i < (SIDE / 2) * 60; i++) {
      const x = (id === 'left' ? 0 : SIDE / 2) + (i % (SIDE / 2));
      tiles[`${x},${y + Math.floor(i / (SIDE / 2))}`] = { brick: `brick-${i % 97}.png` };
    }
    await patch(id, tiles);
  }
}
await patch('left', Object.fromEntries(FAR.map(([x, y]) => [`${x},${y}`, { brick: 'far.png' }])));

/** The small map reads areas, some kilobytes, and what is open its own tile. */
const readsTiles = (url: string) => {
  const { pathname, searchParams } = new URL(url);
  const [x1, y1, x2, y2] = (searchParams.get('view') ?? '').split(',');
  const isOneCell = x1 === x2 && y1 === y2 && y1 !== undefined;
  return pathname === '/manifest' && !searchParams.has('zoom') && !isOneCell;
};
const showsAreas = (state: MapState) => state.zoom > 0 && state.drawn > 0;

t.test('zoomed out over many tiles, the page shows areas and follows them', async (t) => {
  const { page, until, requests } = await openMap(t, browser, daemon.url, { hash: AFAR });
  const { zoom, areas } = await until('areas', (state) => showsAreas(state) && state.tiles === 0);
  t.equal(zoom, 2, 'of 4 x 4 cells, 8 pixels wide');
  t.equal(areas, (SIDE / 4) ** 2);
  t.equal((await until('page', () => true)).tilesOfAreas, TILES - FAR.length, 'all tiles are counted');
  t.equal(await page.locator('.label:visible bdi').count(), 2, 'with the names of their owners');
  await page.getByRole('button', { name: /^Left wall 16,202 tiles/ }).waitFor();
  await screenshot(page, 'areas');

  await patch('left', { '-4,0': { brick: 'new.png' }, '0,0': null });
  await until(
    'both changes',
    (state) => state.areas === areas + 1 && state.tilesOfAreas === TILES - FAR.length,
  );
  await patch('left', { '-4,0': null, '0,0': { brick: 'again.png' } });
  await until('the area to go', (state) => state.areas === areas);

  await page.mouse.move(500, 350);
  const tip = page.locator('#tooltip');
  await tip.getByText('16 tiles').waitFor();
  t.match(await tip.innerText(), /Right wall\s+8[\s\S]*Left wall\s+8|Left wall\s+8[\s\S]*Right wall\s+8/);
  t.notOk(requests.some(readsTiles), 'and nothing was downloaded for it');
  await page.getByRole('button', { name: 'Use the light theme' }).click();
  await until('another drawing', () => true);
  await screenshot(page, 'areas-light');
});

t.test('zooming in and out keeps one connection, and something is always drawn', async (t) => {
  const { page, until, requests } = await openMap(t, browser, daemon.url, { hash: '#90,90,40' });
  await until('tiles', ({ tiles, drawn }) => tiles > 0 && drawn > 0);
  const id = `(() => {
    globalThis.bare = 0;
    requestAnimationFrame(function look() {
      if (globalThis.geometryMap().drawn === 0) globalThis.bare += 1;
      requestAnimationFrame(look);
    });
  })()`;
  await page.evaluate(id);
  for (const [hash, holds] of [
    [AFAR, (state: MapState) => state.zoom === 2],
    ['#90,90,0.5', (state: MapState) => state.zoom === 4],
    ['#90,90,30', (state: MapState) => state.zoom === 0 && state.tiles > 0],
  ] as const) {
    await page.evaluate(`location.hash = '${hash}'`);
    await until(`map of ${hash}`, holds);
  }
  t.equal(streamsOf(requests).length, 1);
  t.equal(await page.evaluate('globalThis.bare'), 0);
});

// It showed all tiles, however far apart: the walls were a speck on an empty page.
t.test('without a place in its address the page shows the largest group of tiles', async (t) => {
  const { page, until, requests } = await openMap(t, browser, daemon.url);
  const state = await until('areas', showsAreas);
  t.equal(state.tilesOfAreas, TILES - FAR.length, 'the view is the walls');
  for (const [x, y] of [
    [0, 0],
    [SIDE - 1, SIDE - 1],
  ] as const) {
    const place = placeOf(state, x, y);
    t.ok(
      place.x > 300 && place.x < 1000 && place.y > 0 && place.y < 700,
      `${x},${y} is on the screen: ${place.x},${place.y}`,
    );
  }
  t.ok(state.camera.zoom > 2, 'as large as fits');
  t.ok(state.areas < 2500, `few areas: ${state.areas}`);
  t.equal(streamsOf(requests).length, 1);
  await patch('right', { '-20000,0': { brick: 'farther.png' } });
  await page.getByRole('button', { name: /^Right wall 16,201 tiles/ }).waitFor();
  t.strictSame((await until('page', () => true)).camera, state.camera, 'what comes elsewhere moves nothing');
  await page.keyboard.press('Home');
  const wider = await until('everything', ({ camera }) => camera.x < -4000);
  for (const [x, y] of [[-20000, 0], FAR[1]] as const) {
    const place = placeOf(wider, x, y);
    t.ok(place.x > 300 && place.x < 1000, `${x} is on the screen: ${place.x}`);
  }
  await patch('right', { '-20000,0': null });
});

t.test('the search finds tiles that were never loaded', async (t) => {
  const { page, until, requests } = await openMap(t, browser, daemon.url, { hash: AFAR });
  await until('areas', showsAreas);
  await page.getByRole('combobox').fill('far');
  await page
    .getByRole('option', { name: /far\.png/ })
    .first()
    .click();
  const { camera, tiles } = await until('flight', ({ camera, zoom }) => camera.x > 8999 && zoom === 0);
  t.ok(Math.abs(camera.y - 40.5) < 1);
  t.ok(tiles <= FAR.length);
  t.ok(requests.some((url) => url.includes('/manifest/search?brick=far')));
  t.strictSame(requests.filter(readsTiles), []);
});

t.test('back in time from an overview, and to now again', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: AFAR });
  const { tilesOfAreas, zoom } = await until(
    'areas and history',
    (state) => showsAreas(state) && state.commits > 5,
  );
  await patch('left', { '-4,0': { brick: 'new.png' }, '0,0': null, '1,0': null });
  await until('what changed', (state) => state.tilesOfAreas === tilesOfAreas - 1);
  const owned = async (name: string, tiles: string) =>
    page.getByRole('button', { name: new RegExp(`^${name} ${tiles} tiles`) }).waitFor();
  await owned('Left wall', '16,201');
  await page.getByRole('button', { name: 'One commit back' }).click();
  await until(
    'the areas of then',
    (state) => state.state === 'history' && state.zoom === zoom && state.tilesOfAreas === tilesOfAreas,
  );
  await owned('Left wall', '16,202');
  await screenshot(page, 'past-areas');
  await page.keyboard.press('Home');
  await until('all areas of then', (state) => state.tilesOfAreas === TILES && state.state === 'history');
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await until('the areas of now', (state) => state.state === 'live' && state.tilesOfAreas === TILES - 1);
  await patch('left', { '-4,0': null, '0,0': { brick: 'again.png' }, '1,0': { brick: 'again.png' } });
});

t.test('a hidden tab gives its connection back', async (t) => {
  const { page, until, requests } = await openMap(t, browser, daemon.url, { hash: AFAR });
  const { areas } = await until('areas', showsAreas);
  const hide = (hidden: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
  const ended = page.waitForEvent('requestfailed', (request) => streamsOf([request.url()]).length > 0);
  await hide(true);
  await ended;
  await patch('right', { '-4,0': { brick: 'meanwhile.png' } });
  t.equal((await until('page', () => true)).areas, areas);
  await hide(false);
  await until('what came meanwhile', (state) => state.areas === areas + 1 && state.state === 'live');
  t.equal(streamsOf(requests).length, 2);
  await patch('right', { '-4,0': null });
});
