// The histories in the panels named commits, and nothing led there: one had to look for each on the slider.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, type MapState } from './map-page.ts';
import { shootThemes } from './screenshots.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const write = async (id: string, tiles: object): Promise<string> =>
  String((await send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles)).body.cursor);
for (const [id, name] of [
  ['wall', 'Wall'],
  ['desk', 'Desk'],
] as const)
  await send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
const first = await write('wall', { '0,0': { brick: 'first.png' }, '1,0': { brick: 'other.png' } });
const second = await write('desk', { '0,0': { brick: 'second.png' } });
const far = await write('wall', { '5000,40': { brick: 'far.png' }, '5003,41': { brick: 'far.png' } });
await write('wall', { '0,0': { brick: 'third.png' } });

const brick = ({ bricks }: MapState) => bricks['0,0'];
const hashOf = (page: { evaluate: (text: string) => Promise<unknown> }) => page.evaluate('location.hash');

t.test('an entry of a history of a cell leads to that moment, and Back leads back', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,60!0,0' });
  await until('now', (state) => brick(state) === 'third.png');
  const entries = page.locator('#details .commit');
  await entries.nth(2).waitFor();
  // By the mouse, anywhere in the row.
  const { x, y } = (await entries.nth(2).locator('time').boundingBox())!;
  await page.mouse.click(x + 2, y + 2);
  const then = await until(
    'its moment',
    (state) => state.state === 'history' && brick(state) === 'first.png',
  );
  t.equal(then.moment!.cursor, first);
  t.match(then.camera, { x: 0.5, y: 0.5, zoom: 60 }, 'where the cell is seen the map stays');
  t.equal(await hashOf(page), `#0.5,0.5,60!0,0@${first}`);
  await page.locator('#details').getByRole('heading', { name: 'first.png' }).waitFor();
  await entries.nth(1).waitFor({ state: 'detached' });
  t.equal(
    await entries.nth(0).getByRole('button', { name: 'first.png' }).getAttribute('aria-current'),
    'true',
  );
  await shootThemes(page, 'history-entry');
  await page.goBack();
  await until('now again', (state) => state.state === 'live' && brick(state) === 'third.png');

  // By the keyboard, which stays at the entry.
  await entries.nth(2).waitFor();
  await entries.nth(1).getByRole('button', { name: 'second.png' }).focus();
  await page.keyboard.press('Enter');
  await until('the other moment', (state) => brick(state) === 'second.png');
  await entries.nth(2).waitFor({ state: 'detached' });
  t.equal(await page.evaluate('document.activeElement.dataset.cursor'), second);
});

t.test('a commit of a compositor leads to what it changed then', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,60' });
  await until('now', (state) => brick(state) === 'third.png');
  await page.locator('#compositors').getByRole('button', { name: /^Wall/ }).click();
  const panel = page.locator('#details');
  const here = await until('flight', ({ camera }) => camera.zoom < 60);
  await panel.getByRole('button', { name: /^r5 · 2 tiles/ }).click();
  const there = await until('its moment', ({ state, camera }) => state === 'history' && camera.x > 4000);
  t.equal(there.moment!.cursor, far);
  await until('its tiles', ({ bricks }) => '5000,40' in bricks && '5003,41' in bricks);
  await panel.getByRole('heading', { name: 'Wall' }).waitFor();
  await panel.locator('[aria-current]').waitFor();
  await shootThemes(page, 'history-commit');
  await page.goBack();
  const back = await until('now and here, in one step', ({ state }) => state === 'live');
  t.ok(Math.abs(back.camera.x - here.camera.x) < 1, `${back.camera.x} is ${here.camera.x}`);
});
