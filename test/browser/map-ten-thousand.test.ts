// Ten thousand compositors with a few tiles each: the page makes what is on the screen, and no more.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CEILING, startBrowser } from '../support/browser.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { cornerOf, idOf, writeLargeFleet } from '../support/large-fleet.ts';
import { openMap, placeOf, screenshot } from './map-page.ts';

const COUNT = 10_000;

/** The page reads megabytes: on a busy machine it takes a while until it has them. */
async function openFleet(t: Test, hash = '') {
  const map = await openMap(t, browser, daemon.url, { hash, live: false });
  map.page.setDefaultTimeout(2 * CEILING);
  await map.page.getByText('10,000 compositors · 20,000 tiles').waitFor();
  await map.until('live map', ({ state }) => state === 'live');
  return map;
}

const browser = (await startBrowser(t)).context.browser()!;
const dir = await temporaryFolder(t);
await writeLargeFleet(join(dir, 'store'), COUNT);
const daemon = await startDaemon(t, { dir });

// From afar a label was made for each compositor, one by one, and those that fitted covered the map.
t.test('from afar no labels cover the tiles, nearer there are those that fit', async (t) => {
  const { page, until } = await openFleet(t);
  await page.keyboard.press('Home');
  await until('all tiles', ({ tiles, drawn, camera }) => tiles === 2 * COUNT && drawn > 0 && camera.zoom < 2);
  t.equal(await page.locator('.label:visible').count(), 0);
  t.ok((await page.locator('#compositors > li').count()) < 60, 'nor has the list more rows than are seen');
  await screenshot(page, 'ten-thousand-afar');
  await page.evaluate("location.hash = '#400,400,18'");
  await page.locator('.label:visible').nth(20).waitFor();
  const made = await page.locator('.label').count();
  t.ok(made <= 100, `${made} labels were made`);
  await screenshot(page, 'ten-thousand');
});

t.test('any of them is found, opened, and seen on the map', async (t) => {
  const { page, until } = await openFleet(t, '#400,400,20');
  await page.getByRole('combobox').fill('wall c0777');
  await page.getByRole('option', { name: /Wall c07773/ }).click();
  const panel = page.locator('#details');
  await panel.getByRole('heading', { name: 'Wall c07773' }).waitFor();
  const [x, y] = cornerOf(7773);
  await until('flight', ({ camera }) => Math.abs(camera.x - x) < 20 && Math.abs(camera.y - y) < 20);
  await page.getByRole('combobox').fill('wall');
  await page.getByRole('option', { name: /30 of 10,000/ }).waitFor();
  await page.keyboard.press('Escape');

  await page.locator('#compositors-scroll').hover();
  await page.mouse.wheel(0, 46 * 5000);
  const row = page.locator('#compositors').getByRole('button', { name: /^Wall c0500\d/ });
  await row.first().click();
  await panel.getByRole('heading', { name: /^Wall c0500/ }).waitFor();
  await panel.getByText('2 tiles', { exact: true }).waitFor();
  await until('flight', ({ camera }) => Math.abs(camera.y - 400) < 20 && camera.x < 100);

  // What happens goes on to be shown.
  const id = idOf(9999);
  const [lastX, lastY] = cornerOf(9999);
  await page.evaluate(`location.hash = '#${lastX},${lastY},40'`);
  await until('the last of them', ({ bricks }) => `${lastX},${lastY}` in bricks);
  await send('PATCH', `${daemon.url}/compositors/${id}/tiles`, {
    [`${lastX},${lastY}`]: { brick: 'new.png' },
  });
  const state = await until('its change', ({ bricks }) => bricks[`${lastX},${lastY}`] === 'new.png');
  const place = placeOf(state, lastX, lastY);
  await page.mouse.click(place.x, place.y);
  await panel.getByRole('heading', { name: 'new.png' }).waitFor();
  t.ok((await page.locator('.label').count()) <= 100);
  await screenshot(page, 'ten-thousand-near');
});
