// The map page by keyboard alone: arrows could only pan, and nothing on the page listed the keys.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
await send('PATCH', `${daemon.url}/compositors/wall/tiles`, {
  '0,0': { brick: 'first.png' },
  '1,0': { brick: 'beside.png' },
  '20,3': { brick: 'far.png' },
});

t.test('arrows go from tile to tile, say where they are, and take the camera along', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,48' });
  await until('tiles', ({ tiles }) => tiles === 3);
  await page.locator('#plane').focus();
  const press = async (key: string, x: number, y: number) => {
    await page.keyboard.press(key);
    return until(`tile ${x},${y}`, ({ cursor }) => cursor?.x === x && cursor.y === y);
  };
  await press('ArrowRight', 0, 0);
  await page.locator('#announcer', { hasText: 'first.png of Wall, at 0, 0' }).waitFor({ state: 'attached' });
  await press('ArrowRight', 1, 0);
  const { camera } = await press('ArrowRight', 20, 3);
  t.ok(camera.x > 10, 'the camera follows');
  const frame = (await page.locator('#tile-cursor').boundingBox())!;
  t.ok(Math.abs(frame.x + frame.width / 2 - 500) < 200, `its frame is there: ${frame.x}`);
  await press('ArrowLeft', 1, 0);
  await page.keyboard.press('Shift+ArrowRight');
  await until('a pan', (state) => state.camera.x > 5 && state.cursor?.x === 1);
});

t.test('without a tile on the screen, and zoomed out, arrows move the map', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#1000,1000,48' });
  await page.locator('#plane').focus();
  await page.keyboard.press('ArrowRight');
  await until('a pan', ({ camera, cursor }) => camera.x > 1000 && cursor === undefined);
});

t.test('? lists the keys; Escape closes the list and keys work again', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,48' });
  await page.locator('#plane').focus();
  await page.keyboard.press('?');
  const list = page.locator('#keys');
  await list.waitFor({ state: 'visible' });
  t.match(await list.textContent(), /next tile.*Zoom in.*Return to the live map/);
  const before = await until('page', () => true);
  await page.keyboard.press('+');
  t.equal((await until('page', () => true)).camera.zoom, before.camera.zoom, 'the dialog has the keys');
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'hidden' });
  await page.keyboard.press('+');
  await until('zoom', ({ camera }) => camera.zoom > before.camera.zoom);
});

// The camera jumped for people who prefer reduced motion, and rings went on widening all over the map.
t.test('with reduced motion a change draws no ring', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,48' });
  const change = (brick: string) =>
    send('PATCH', `${daemon.url}/compositors/wall/tiles`, { '0,0': { brick } });
  await change('still.png');
  const still = await until('the change', ({ bricks }) => bricks['0,0'] === 'still.png');
  t.equal(still.pulses, 0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await change('moving.png');
  await until('a ring', ({ pulses }) => pulses > 0);
});
