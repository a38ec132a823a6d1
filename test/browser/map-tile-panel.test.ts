import t from 'tap';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { shootThemes } from './screenshots.ts';
import { openMap, placeOf, screenshot, type MapState } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const put = (id: string, name = id) => send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
const patch = (id: string, tiles: Record<string, { brick: string } | null>) =>
  send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles);

/** Clicks a cell, and waits for the panel to say so. */
async function openCell(page: Page, state: MapState, x: number, y: number) {
  const place = placeOf(state, x, y);
  await page.mouse.click(place.x, place.y);
  return page.getByRole('complementary', { name: /./ }).and(page.locator('#details'));
}

t.test('a click opens a tile: whose it is, since when, and who had the cell before', async (t) => {
  await put('wall', 'Wall');
  await put('desk', 'Desk');
  await patch('wall', { '0,0': { brick: 'first.png' }, '1,0': { brick: 'other.png' } });
  await patch('desk', { '0,0': { brick: 'second.png' } });
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,60' });
  const state = await until('tiles', ({ tiles }) => tiles === 2);
  const panel = await openCell(page, state, 0, 0);
  await panel.getByRole('heading', { name: 'second.png' }).waitFor();
  t.equal(await page.evaluate('document.activeElement.id'), 'details-title', 'the heading has the focus');
  // A ring around it cut into the line below.
  t.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none');
  await panel.getByText('r4', { exact: true }).waitFor();
  const fact = (name: string) => panel.locator('.fact').filter({ hasText: name }).locator('dd').innerText();
  t.equal(await fact('Owner'), 'Desk');
  t.match(await fact('Owned since'), /^(now|\d+ s ago) · .*\d/);
  t.match(await fact('Tile dated'), /^(now|\d+ s ago) · .*\d/);
  t.strictSame(await panel.locator('.commit .owner').allInnerTexts(), ['Desk', 'Wall']);
  t.strictSame(await panel.locator('.commit-what').allInnerTexts(), ['second.png', 'first.png']);
  await panel.getByText('Before that, the cell was empty.').waitFor();
  // It would only say the same again.
  await page.locator('#tooltip').waitFor({ state: 'hidden' });
  await screenshot(page, 'tile-panel');

  // It goes on while it is open.
  await patch('wall', { '0,0': { brick: 'third.png' } });
  await panel.getByRole('heading', { name: 'third.png' }).waitFor();
  await panel.locator('.commit').nth(2).waitFor();
  await panel.getByText('r5', { exact: true }).waitFor();
  t.equal(await fact('Owner'), 'Wall');
  await send('DELETE', `${daemon.url}/compositors/wall`);
  await panel.getByRole('heading', { name: 'Nothing here' }).waitFor();
  await panel.locator('.commit-what').filter({ hasText: 'removed' }).waitFor();

  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
});

t.test('Enter opens the cell in the middle; the panel stays right when the map moves away', async (t) => {
  await put('far', 'Far');
  await patch('far', { '5000,5000': { brick: 'here.png' } });
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#5000.5,5000.5,40' });
  await until('tile', ({ tiles }) => tiles === 1);
  await page.locator('#plane').focus();
  await page.keyboard.press('Enter');
  const panel = page.locator('#details');
  await panel.getByRole('heading', { name: 'here.png' }).waitFor();
  await page.evaluate("location.hash = '#-90000,-90000,40'");
  await until('flight', ({ camera, bricks }) => camera.x < -80000 && Object.keys(bricks).length === 0);
  await patch('far', { '5000,5000': { brick: 'changed.png' } });
  await panel.getByRole('heading', { name: 'changed.png' }).waitFor();
  await panel.getByRole('button', { name: 'Go there' }).click();
  await until('flight back', ({ camera }) => Math.abs(camera.y - 5000.5) < 10);
  await panel.getByRole('button', { name: 'Close' }).click();
  t.equal(await panel.isVisible(), false);
});

t.test('what is copied leads here', async (t) => {
  await put('copy', 'Copy');
  await patch('copy', { '-7000,20': { brick: 'copied.png' } });
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#-6999.5,20.5,40' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const state = await until('tile', ({ tiles }) => tiles === 1);
  const panel = await openCell(page, state, -7000, 20);
  await panel.getByRole('button', { name: 'Copy link' }).click();
  await panel.getByRole('button', { name: 'Copied', exact: true }).waitFor();
  const link = await page.evaluate<string>('navigator.clipboard.readText()');
  t.match(link, `${daemon.url}/map#-6999.5,20.5,40!-7000,20@`, 'at the zoom that is seen, and this moment');
  await panel.getByRole('button', { name: 'Copy curl' }).click();
  await panel.locator('.copy').nth(1).getByRole('button', { name: 'Copied', exact: true }).waitFor();
  const curl = await page.evaluate<string>('navigator.clipboard.readText()');
  const url = /^curl '(.*)'$/.exec(curl)![1]!;
  // It read all compositors to say what is in one cell, and neither who set it nor when.
  const { body } = await send('GET', url);
  t.match(body, { items: [{ by: 'copy', tile: { brick: 'copied.png' }, before: null }], next: null });
  // A colleague who followed it saw the place, and not the panel.
  const other = await openMap(t, browser, daemon.url, { hash: new URL(link).hash, live: false });
  await other.page.locator('#details').getByRole('heading', { name: 'copied.png' }).waitFor();
});

// It was the curl line of the present, whatever was on the page.
t.test('of a tile of the past, the curl line reads the past', async (t) => {
  await put('then', 'Then');
  await patch('then', { '-9000,20': { brick: 'then.png' } });
  const at = String((await send('GET', `${daemon.url}/manifest?view=0,0,0,0`)).body.cursor);
  await patch('then', { '-9000,20': { brick: 'now.png' } });
  const { page, until } = await openMap(t, browser, daemon.url, {
    hash: `#-8999.5,20.5,40@${at}`,
    live: false,
  });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const state = await until('the past', ({ bricks }) => bricks['-9000,20'] === 'then.png');
  const panel = await openCell(page, state, -9000, 20);
  await panel.locator('.commit').waitFor();
  // It was relative to a moment that nobody named: "now", of a tile that was written hours ago.
  await panel
    .getByText(/^at that moment · .*\d/)
    .first()
    .waitFor();
  await shootThemes(page, 'past-tile');
  await panel.getByRole('button', { name: 'Copy curl' }).click();
  await panel.getByRole('button', { name: 'Copied', exact: true }).waitFor();
  const curl = await page.evaluate<string>('navigator.clipboard.readText()');
  const { body } = await send('GET', /^curl '(.*)'$/.exec(curl)![1]!);
  t.match(body, { items: [{ cursor: at, tile: { brick: 'then.png' } }] });
  t.equal((body.items as object[]).length, 1, 'and nothing of what came later');
});

t.test('a tile under the panel moves out from under it', async (t) => {
  await put('edge', 'Edge');
  await patch('edge', { '8000,0': { brick: 'edge.png' } });
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#7992,0.5,40' });
  const state = await until('tile', ({ tiles }) => tiles === 1);
  const panel = await openCell(page, state, 8000, 0);
  await panel.getByRole('heading', { name: 'edge.png' }).waitFor();
  const { x } = (await panel.boundingBox())!;
  await until('pan', (now) => placeOf(now, 8000, 0).x + 20 < x);
});

t.test('a drag opens nothing', async (t) => {
  const { page, state } = await openMap(t, browser, daemon.url, { hash: '#9000,9000,40' });
  const before = await state();
  await page.mouse.move(600, 300);
  await page.mouse.down();
  await page.mouse.move(500, 250, { steps: 4 });
  await page.mouse.up();
  t.not((await state()).camera.x, before.camera.x, 'the map moved');
  t.equal(await page.locator('#details').isVisible(), false);
});

t.test('on a phone a tap opens a sheet, and the tile stays in sight above it', async (t) => {
  await put('phone', 'Phone');
  await patch('phone', { '60000,0': { brick: 'low.png' } });
  const { page, until } = await openMap(t, browser, daemon.url, {
    hash: '#60000.5,-4.5,40',
    size: { width: 390, height: 844 },
    touch: true,
  });
  await until('tile', ({ tiles }) => tiles === 1);
  await page.touchscreen.tap(195, 422 + 5 * 40);
  const sheet = page.locator('#details');
  await sheet.getByRole('heading', { name: 'low.png' }).waitFor();
  const { x, y, width, height } = (await sheet.boundingBox())!;
  t.same([x, width, Math.round(y + height)], [0, 390, 844]);
  t.equal(await page.locator('#tooltip').isVisible(), false);
  await until('pan', ({ camera }) => 422 + (1 - camera.y) * 40 < y);
  await screenshot(page, 'tile-sheet');
  await sheet.getByRole('button', { name: 'Phone' }).first().tap();
  await sheet.getByText('Compositor phone').waitFor();
  t.equal(await page.locator('#panel-body').isVisible(), false, 'no list between the map and the sheet');
  await sheet.getByRole('button', { name: 'Close' }).tap();
  await sheet.waitFor({ state: 'hidden' });
});
