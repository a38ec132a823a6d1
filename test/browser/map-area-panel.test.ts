import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, placeOf, screenshot } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const put = (id: string, name = id) => send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
const patch = (id: string, tiles: object) => send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles);

/** A block of tiles, `wide` x `wide`. */
function block(x: number, y: number, wide: number): Record<string, { brick: string }> {
  const cells = Array.from({ length: wide * wide }, (_, i) => [x + (i % wide), y + Math.floor(i / wide)]);
  return Object.fromEntries(cells.map((cell) => [cell.join(), { brick: `b-${cell.join()}` }]));
}

t.test('zoomed out, a click opens the area: whose tiles it has, and the way in', async (t) => {
  await put('wall', 'Wall');
  await put('desk', 'Desk');
  // All of one square of 8 x 8 cells, which is one square on the screen.
  await patch('wall', block(0, 0, 8));
  await patch('desk', block(0, 0, 4));
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#4,4,0.8' });
  const state = await until('squares', ({ tiles, drawn, level }) => tiles === 64 && drawn > 0 && level === 3);
  const place = placeOf(state, 2, 2);
  await page.mouse.click(place.x, place.y);
  const panel = page.locator('#details');
  await panel.getByRole('heading', { name: '64 tiles' }).waitFor();
  t.strictSame(await panel.locator('.share .owner').allInnerTexts(), ['Wall', 'Desk']);
  t.strictSame(await panel.locator('.share-count').allInnerTexts(), ['48 · 75 %', '16 · 25 %']);
  await panel.getByText('0, 0 to 7, 7').waitFor();
  await screenshot(page, 'area-panel');
  await patch('desk', { '7,7': { brick: 'mine-now' } });
  await panel.getByText('17 · 27 %').waitFor();

  await panel.getByRole('button', { name: 'Zoom in' }).click();
  await until('flight', ({ camera }) => camera.zoom > 20);
  await panel.getByRole('button', { name: 'Desk' }).click();
  await panel.getByRole('heading', { name: 'Desk' }).waitFor();
  await panel.getByRole('button', { name: 'Back' }).click();
  await panel.getByRole('heading', { name: '64 tiles' }).waitFor();
});

t.test('a region opens by its outline, by what is written on it, and by its empty cells', async (t) => {
  await patch('desk', { '5001,5001': { brick: 'inside' }, '5003,5001': { brick: 'inside, too' } });
  const reserved = await send('POST', `${daemon.url}/regions`, {
    ...{ compositor: 'wall', rect: '5000,5000,5005,5003', purpose: 'the lobby', ttl: 600, exclusive: false },
  });
  t.equal(reserved.status, 201);
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#5003,5002,50' });
  const state = await until('region', ({ regions, tiles }) => regions === 1 && tiles === 2);
  const outline = (await page.locator('.region').boundingBox())!;
  const panel = page.locator('#details');
  const empty = placeOf(state, 5004, 5002);
  const opens = async (x: number, y: number) => {
    await page.mouse.click(x, y);
    await panel.getByRole('heading', { name: 'the lobby' }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
  };
  await opens(outline.x + 40, outline.y + outline.height - 1);
  await opens(outline.x + 30, outline.y + 9);
  await page.mouse.click(empty.x, empty.y);
  await panel.getByRole('heading', { name: 'the lobby' }).waitFor();
  await panel.getByText('may write in it, too').waitFor();
  await panel.getByText('5000, 5000 to 5005, 5003 · 6 × 4').waitFor();
  await panel.getByText(/^10 min left$/).waitFor();
  await panel.locator('.share').getByRole('button', { name: 'Desk' }).waitFor();
  t.equal(await panel.locator('.fact').filter({ hasText: 'Held by' }).locator('dd').innerText(), 'Wall');
  await screenshot(page, 'region-panel');

  await send('DELETE', `${daemon.url}/regions/${reserved.body.id}`);
  await panel.getByText(/It has ended/).waitFor();
});

t.test('a label opens its compositor', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#4,4,20' });
  await until('tiles', ({ tiles }) => tiles > 0);
  const label = page.locator('.label', { hasText: 'Wall' });
  await label.waitFor();
  const box = (await label.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.locator('#details').getByRole('heading', { name: 'Wall' }).waitFor();
});
