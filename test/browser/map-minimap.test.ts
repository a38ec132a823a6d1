import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixel, pixels, placeOf, screenshot, type MapPage } from './map-page.ts';

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const patch = (id: string, tiles: object) => send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles);

/** A wall of 30 x 30 tiles, and one tile far below. */
await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
await send('PUT', `${daemon.url}/compositors/buoy`, { name: 'Buoy', ttl: 3600 });
const cells = Array.from({ length: 900 }, (_, i) => `${i % 30},${Math.floor(i / 30)}`);
await patch('wall', Object.fromEntries(cells.map((cell) => [cell, { brick: 'b' }])));
await patch('buoy', { '0,100000': { brick: 'lone' } });

const minimap = ({ page }: MapPage) => page.locator('#minimap-canvas');

t.test('a click or a drag on the overview map moves the map there', async (t) => {
  const map = await openMap(t, browser, daemon.url);
  await minimap(map).waitFor();
  const first = await map.state();
  t.ok(first.camera.y < 100 && first.camera.zoom > 6, 'it opens at the wall');
  const { x, y, width, height } = (await minimap(map).boundingBox())!;
  await map.page.mouse.click(x + width / 2, y + height / 2);
  const middle = await map.until('middle', ({ camera }) => camera.y > 20_000);
  t.ok(Math.abs(middle.camera.y - 50_000) < 5000, `${middle.camera.y}`);
  t.equal(middle.camera.zoom, first.camera.zoom);
  await map.page.mouse.move(x + width / 2, y + height / 2);
  await map.page.mouse.down();
  await map.page.mouse.move(x + width / 2, y + height / 2 - 20, { steps: 4 });
  await map.page.mouse.up();
  await map.until('drag', ({ camera }) => camera.y < middle.camera.y - 5000);
});

t.test('it is there without all tiles being read, and stays folded when one folds it', async (t) => {
  const map = await openMap(t, browser, daemon.url, { hash: '#0,100000,40' });
  await minimap(map).waitFor();
  t.ok((await map.state()).tiles <= 1, 'the page knows the one tile on its screen');
  t.ok(map.requests.every((url) => !url.includes('/manifest?') || url.includes('zoom=')));
  await map.page.getByRole('button', { name: 'Hide the overview map' }).focus();
  await map.page.keyboard.press('Enter');
  await minimap(map).waitFor({ state: 'hidden' });
  await map.page.reload();
  const fold = map.page.getByRole('button', { name: 'Show the overview map' });
  await fold.waitFor();
  t.ok(await minimap(map).isHidden());
  await fold.click();
  await minimap(map).waitFor();
});

// The page was empty, and nobody could tell where the tiles were.
t.test('where there are no tiles it says where they are', async (t) => {
  const map = await openMap(t, browser, daemon.url, { hash: '#5000,90000,40' });
  const notice = map.page.getByRole('status').filter({ hasText: 'No tiles in this part of the plane' });
  await notice.filter({ hasText: '901 tiles elsewhere' }).waitFor();
  await notice.getByRole('button', { name: 'Show the nearest' }).click();
  const near = await map.until('nearest', ({ drawn, camera }) => drawn === 1 && camera.y > 99_000);
  const { x, y } = placeOf(near, 0, 100_000);
  t.ok(x > 300 && x < 1000 && y > 0 && y < 700, `${x}, ${y}`);
  await notice.waitFor({ state: 'hidden' });
});

t.test('a tile is seen from any height, also at the corners of the plane', async (t) => {
  const corners = [LEAST, MOST].flatMap((x) => [LEAST, MOST].map((y) => [x, y] as const));
  await patch('buoy', Object.fromEntries(corners.map(([x, y]) => [`${x},${y}`, { brick: 'corner' }])));
  const map = await openMap(t, browser, daemon.url);
  await minimap(map).waitFor();
  await map.page.keyboard.press('Home');
  const far = await map.until('whole plane', ({ camera }) => camera.zoom < 1e-6);
  const paper = await pixel(browser, map.page, 500, 120);
  for (const [x, y] of corners) {
    const place = placeOf(far, x, y);
    // The square of a tile is four pixels wide, and begins somewhere in the eight around its cell.
    const from = (at: number, size: number) => Math.min(Math.max(at - 6, 0), size - 12);
    const clip = { x: from(place.x, 1000), y: from(place.y, 700), width: 12, height: 12 };
    const seen = Math.max(
      ...(await pixels(browser, map.page, clip)).map((colour) =>
        colour.reduce((sum, value, i) => sum + Math.abs(value - paper[i]!), 0),
      ),
    );
    t.ok(seen > 60, `${x},${y} at ${place.x},${place.y}: ${seen}`);
  }
  await screenshot(map.page, 'corners');
});
