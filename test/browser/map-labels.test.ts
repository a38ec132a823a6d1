import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, type MapPage } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);

/** A wall of 20 x 20 tiles for each. */
for (const [id, name, x, y] of [
  ['west', 'West', 0, 0],
  ['east', 'East', 60, 0],
  ['south', 'South', 0, 40],
] as const) {
  await send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
  const tiles = Array.from({ length: 400 }, (_, i) => [
    `${x + (i % 20)},${y + Math.floor(i / 20)}`,
    { brick: `b${i}` },
  ]);
  await send('PATCH', `${daemon.url}/compositors/${id}/tiles`, Object.fromEntries(tiles));
}

const label = ({ page }: MapPage, name: string) =>
  page.getByRole('group', { name: 'Compositors on the map' }).getByRole('button', { name });

// Labels were texts: one had to find the compositor's row in the list to go there.
t.test('a click on a label goes to the tiles below it', async (t) => {
  const map = await openMap(t, browser, daemon.url, { hash: '#40,30,8' });
  await label(map, 'East').click();
  const { camera } = await map.until('flight', ({ camera }) => camera.zoom > 10);
  t.ok(Math.abs(camera.y - 10) < 10 && camera.x > 50 && camera.x < 80, `${camera.x}, ${camera.y}`);
});

t.test('labels are one stop of the Tab key, and arrows go from one to the next', async (t) => {
  const map = await openMap(t, browser, daemon.url, { hash: '#40,30,8' });
  await label(map, 'West').waitFor();
  const before = (await map.state()).camera;
  await map.page.locator('#plane').focus();
  const focused = () => map.page.evaluate<string>('document.activeElement.textContent');
  await map.page.keyboard.press('Tab');
  t.match(await focused(), /^(East|South|West)400$/);
  await label(map, 'West').focus();
  await map.page.keyboard.press('ArrowRight');
  t.match(await focused(), 'East');
  await map.page.keyboard.press('ArrowLeft');
  await map.page.keyboard.press('ArrowDown');
  t.match(await focused(), 'South');
  t.strictSame((await map.state()).camera, before, 'the map stays meanwhile');
  await map.page.keyboard.press('Tab');
  t.notMatch(await focused(), /^(East|South|West)/);
  await label(map, 'South').focus();
  await map.page.keyboard.press('Enter');
  await map.until('flight', ({ camera }) => camera.zoom > 10 && Math.abs(camera.y - 50) < 10);
});

t.test('the map is dragged and zoomed through a label', async (t) => {
  const map = await openMap(t, browser, daemon.url, { hash: '#40,30,8' });
  const box = (await label(map, 'East').boundingBox())!;
  const { mouse } = map.page;
  await mouse.move(box.x + 20, box.y + 10);
  await mouse.down();
  await mouse.move(box.x + 60, box.y + 50, { steps: 5 });
  await mouse.up();
  const moved = await map.until('drag', ({ camera }) => camera.x < 39);
  t.equal(moved.camera.zoom, 8, 'and the end of a drag is no click');
  const now = (await label(map, 'East').boundingBox())!;
  await mouse.move(now.x + 20, now.y + 10);
  await mouse.wheel(0, -400);
  await map.until('zoom', ({ camera }) => camera.zoom > 8.5);
});
