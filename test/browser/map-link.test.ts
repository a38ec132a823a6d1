// While live, neither the address nor a copied link named the moment, and without a tile's panel there was nothing to copy a link with.
import t, { type Test } from 'tap';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, placeOf, type MapState } from './map-page.ts';
import { shootThemes } from './screenshots.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const write = async (tiles: object): Promise<string> =>
  String((await send('PATCH', `${daemon.url}/compositors/wall/tiles`, tiles)).body.cursor);
await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
const first = await write({ '0,0': { brick: 'first.png' } });

const brick = ({ bricks }: MapState) => bricks['0,0'];

/** Presses the button of the time bar. Returns what it copied. */
async function copied(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.locator('#timeline').getByRole('button', { name: 'Copy link' }).click();
  await page.locator('#link.copied').waitFor();
  return page.evaluate<string>('navigator.clipboard.readText()');
}

/** A colleague follows the link after the map has changed. */
async function follow(t: Test, link: string) {
  return openMap(t, browser, daemon.url, { hash: new URL(link).hash, live: false });
}

t.test('a link that was copied while live shows that moment; the address stays live', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#2,1,30' });
  await until('the tile', (state) => brick(state) === 'first.png');
  const link = await copied(page);
  t.equal(link, `${daemon.url}/map#2,1,30@${first}`);
  t.equal(await page.evaluate('location.hash'), '#2,1,30');
  await shootThemes(page, 'link-copied');

  const second = await write({ '0,0': { brick: 'second.png' } });
  await until('the change', (state) => brick(state) === 'second.png');
  const other = await follow(t, link);
  const then = await other.until('that moment', (state) => brick(state) === 'first.png');
  t.match(then, { state: 'history', camera: { x: 2, y: 1, zoom: 30 } });

  // What is open, and what is compared, is in it, too.
  await page.locator('#compositors').getByRole('button', { name: /^Wall/ }).click();
  await page.locator('#details').getByRole('heading', { name: 'Wall' }).waitFor();
  await page.getByRole('button', { name: 'Compare this moment' }).click();
  await page.locator('#comparison').waitFor();
  const whole = await copied(page);
  t.match(new URL(whole).hash, new RegExp(`^#[^!]+!compositor=wall@${second}\\.\\.${second}$`));
  const colleague = await follow(t, whole);
  await colleague.page.locator('#details').getByRole('heading', { name: 'Wall' }).waitFor();
  await colleague.page.locator('#comparison').waitFor();
});

// On a plain http address of another machine the browser lets no page copy.
t.test('where the browser lets no page copy, the link is there to be copied by hand', async (t) => {
  const script = "Object.defineProperty(navigator, 'clipboard', { value: undefined });";
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#2,1,30', script });
  const { revision } = await until('the tile', ({ tiles }) => tiles === 1);
  await page.getByRole('button', { name: 'Copy link' }).click();
  const field = page.getByLabel('Link to what you see');
  t.match(await field.inputValue(), `${daemon.url}/map#2,1,30@${revision}-`);
  t.equal(await page.evaluate('document.activeElement.id'), 'link-text');
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'hidden' });
});

// The time became wider as soon as the map was no longer live: the slider shrank under the pointer, and its knob was elsewhere.
t.test('the slider stays where it is when the map leaves the present', async (t) => {
  for (let i = 0; i < 6; i++) await write({ '9,9': { brick: `${i}.png` } });
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#2,1,30' });
  await until('the history', ({ commits }) => commits > 6);
  const slider = page.locator('#slider');
  const live = (await slider.boundingBox())!;
  await page.mouse.click(live.x + live.width * 0.6, live.y + live.height / 2);
  await until('the past', ({ state }) => state === 'history');
  await page.locator('#history-detail').getByText(/^r\d+/).waitFor();
  t.same(await slider.boundingBox(), live);
});

// The link of a tile's panel led to 56 pixels per cell, whatever was on the screen.
t.test('the link of a panel keeps the zoom', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#2,1,24' });
  const state = await until('the tile', ({ bricks }) => '0,0' in bricks);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const { x, y } = placeOf(state, 0, 0);
  await page.mouse.click(x, y);
  const panel = page.locator('#details');
  await panel.getByRole('button', { name: 'Copy link' }).click();
  await panel.getByRole('button', { name: 'Copied' }).waitFor();
  const link = await page.evaluate<string>('navigator.clipboard.readText()');
  t.match(new URL(link).hash, /^#0\.5,0\.5,24!0,0@\d+-[0-9a-f]{8}$/);
});
