// The address of a page with a tile's panel lost the tile with the first move of the map, and a reload the panel.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, placeOf } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
await send('PATCH', `${daemon.url}/compositors/wall/tiles`, {
  '0,0': { brick: 'zero.png' },
  '2,0': { brick: 'two.png' },
});

t.test('the address has the cell whose panel is open, for as long as it is', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,60' });
  const state = await until('tiles', ({ tiles }) => tiles === 2);
  const panel = page.locator('#details');
  const place = placeOf(state, 0, 0);
  await page.mouse.click(place.x, place.y);
  await panel.getByRole('heading', { name: 'zero.png' }).waitFor();
  await page.waitForURL(({ hash }) => hash === '#0.5,0.5,60!0,0');
  // Far from the cell, so that it is not on the screen.
  await page.locator('#plane').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowDown');
  await until('pan', ({ camera }) => camera.y > 10);
  await page.waitForURL(({ hash }) => /^#0\.5,\d\d.*!0,0$/.test(hash));
  const { camera } = await until('page', () => true);
  await page.reload();
  await panel.getByRole('heading', { name: 'zero.png' }).waitFor();
  const again = await until('the same place', (now) => now.state === 'live');
  t.ok(Math.abs(again.camera.y - camera.y) < 0.05, `${again.camera.y}, where the map was`);

  await panel.getByRole('button', { name: 'Close' }).click();
  await page.waitForURL(({ hash }) => !hash.includes('!'));
  await page.evaluate("location.hash = '#2.5,0.5,60!2,0'");
  await panel.getByRole('heading', { name: 'two.png' }).waitFor();
  await until('flight', ({ camera: { x, y } }) => Math.abs(x - 2.5) < 0.01 && Math.abs(y - 0.5) < 0.01);
  t.equal(await page.evaluate('location.hash'), '#2.5,0.5,60!2,0');
});

t.test('in the past the address has both, the cell and the moment', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,60!0,0' });
  await until('the history', ({ commits }) => commits > 1);
  await page.locator('#plane').focus();
  await page.keyboard.press(',');
  const { moment } = await until('the past', ({ state, tiles }) => state === 'history' && tiles === 0);
  const hash = `#0.5,0.5,60!0,0@${moment!.cursor}`;
  t.equal(await page.evaluate('location.hash'), hash);
  await page.reload();
  await page.locator('#details').getByRole('heading', { name: 'Nothing here' }).waitFor();
  await until('the past again', ({ state }) => state === 'history');
  t.equal(await page.evaluate('location.hash'), hash);
});
