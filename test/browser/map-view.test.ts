import t from 'tap';
import { CEILING, startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixel, screenshot, streamsOf, type MapState } from './map-page.ts';

const SIDE = 150;

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const patch = (tiles: object) => send('PATCH', `${daemon.url}/compositors/wall/tiles`, tiles);

await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
for (let y = 0; y < SIDE; y += 50) {
  const tiles: Record<string, { brick: string }> = {};
  for (let i = 0; i < SIDE * 50; i++)
    tiles[`${i % SIDE},${y + Math.floor(i / SIDE)}`] = { brick: `brick-${i % 97}.png` };
  await patch(tiles);
}

t.test('the page loads what it shows and a margin, and moves with it', async (t) => {
  const { page, until, requests } = await openMap(t, browser, daemon.url, { hash: '#60,60,40' });
  const first = await until('tiles', ({ tiles }) => tiles > 0);
  t.equal(first.tiles, inView(first), 'exactly the view');
  t.ok(first.tiles < 6000, `and not the ${SIDE * SIDE} there are: ${first.tiles}`);
  t.ok(
    first.view.split(',').every((edge, i) => (Number(edge) + (i >> 1)) % 32 === 0),
    `whole blocks: ${first.view}`,
  );

  await page.locator('#plane').focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
  await until('step', ({ camera }) => camera.x > 60);
  await until('step back', ({ rendered }) => rendered > first.rendered);
  t.equal((await until('page', () => true)).moves, 0, 'a step within the margin loads nothing');

  for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowRight');
  const moved = await until('new view', (state) => state.moves > 0 && isExact(state));
  t.ok(moved.camera.x > 100);
  t.equal(moved.tiles, inView(moved), 'what left the view is forgotten');
  t.equal(streamsOf(requests).length, 1, 'in the one connection');
  await patch({ [`${Math.floor(moved.camera.x)},60`]: { brick: 'new.png' } });
  await until('live view', ({ bricks }) => Object.values(bricks).includes('new.png'));

  await page.keyboard.press('Home');
  const all = await until('everything', ({ tiles }) => tiles === SIDE * SIDE);
  t.ok(
    all.level > 0 && all.drawn < SIDE * SIDE,
    `from afar ${all.drawn} squares stand for ${all.tiles} tiles`,
  );
  await screenshot(page, 'afar');
});

t.test('an address leads to a place, and follows the map', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#-2147483640,2147483640,50' });
  const { camera } = await until('page', () => true);
  t.match(camera, { x: -2147483640, y: 2147483640, zoom: 50 }, 'as far as there are cells');
  await page.evaluate("location.hash = '#12,-7,25'");
  await until('jump', ({ camera }) => Math.round(camera.x) === 12 && Math.round(camera.y) === -7);
  await page.locator('#plane').focus();
  await page.keyboard.press('+');
  await page.waitForURL(/#12,-7,37\.5$/);
});

// It stayed blank until one moved it.
t.test('the map comes back when the graphics card does', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#60.5,60.5,200' });
  await until('tiles', ({ drawn }) => drawn > 0);
  // The middle of the screen is the middle of a tile; paper is darker than any.
  const isDrawn = async () => (await pixel(browser, page, 500, 350)).some((value) => value > 80);
  const end = Date.now() + CEILING;
  while (!(await isDrawn()) && Date.now() < end);
  t.ok(await isDrawn());
  await page.evaluate(`new Promise((resolve) => {
    const canvas = document.querySelector('#plane canvas');
    const card = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
    canvas.addEventListener('webglcontextlost', () => setTimeout(() => card.restoreContext()));
    canvas.addEventListener('webglcontextrestored', resolve);
    card.loseContext();
  })`);
  let back = false;
  while (!back && Date.now() < end) back = await isDrawn();
  t.ok(back, 'without a touch');
});

function inView({ view }: MapState): number {
  const [x1, y1, x2, y2] = view.split(',').map(Number) as [number, number, number, number];
  const wide = Math.min(x2, SIDE - 1) - Math.max(x1, 0) + 1;
  const high = Math.min(y2, SIDE - 1) - Math.max(y1, 0) + 1;
  return Math.max(0, wide) * Math.max(0, high);
}

function isExact(state: MapState): boolean {
  return state.tiles === inView(state);
}
