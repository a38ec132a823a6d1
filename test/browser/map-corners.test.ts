// At the four corners of the plane there are tiles as anywhere: seen, pointed at, opened, named, and gone on from by the keyboard.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixel, placeOf, screenshot } from './map-page.ts';

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];
const CORNERS = [LEAST, MOST].flatMap((x) => [LEAST, MOST].map((y) => [x, y] as const));
/** From a corner towards the middle of the plane. */
const inward = (n: number) => (n < 0 ? 1 : -1);

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
await send('PUT', `${daemon.url}/compositors/buoy`, { name: 'Buoy', ttl: 3600 });
const write = async (method: string, path: string, body: object): Promise<void> => {
  const { status } = await send(method, daemon.url + path, body);
  if (status !== 200 && status !== 201) throw new Error(`${path}: ${status}`);
};
const span = (n: number) => [n, n + 3 * inward(n)].sort((a, b) => a - b) as [number, number];
for (const [x, y] of CORNERS) {
  await write('PATCH', '/compositors/buoy/tiles', {
    [`${x},${y}`]: { brick: 'corner.png' },
    [`${x + inward(x)},${y}`]: { brick: 'beside.png' },
  });
  const [[x1, x2], [y1, y2]] = [span(x), span(y)];
  const rect = [x1, y1, x2, y2].join();
  await write('POST', '/regions', { compositor: 'buoy', rect, purpose: 'harbour', ttl: 3600 });
}

for (const [x, y] of CORNERS)
  t.test(`${x}, ${y}`, async (t) => {
    const { page, until } = await openMap(t, browser, daemon.url, { hash: `#${x},${y},60!${x},${y}` });
    const details = page.locator('#details');
    await details.getByRole('heading', { name: 'corner.png' }).waitFor();
    await details.getByText(`Tile at ${x.toLocaleString('en')}, ${y.toLocaleString('en')}`).waitFor();
    await details.getByText('Before that, the cell was empty.').waitFor();
    await page.keyboard.press('Escape');
    const state = await until(
      'the tiles',
      ({ tiles, drawn, regions }) => tiles >= 2 && drawn >= 2 && regions === 1,
    );
    const place = placeOf(state, x, y);
    // Beyond the plane there is paper.
    const beyond = placeOf(state, x - inward(x), y - inward(y));
    const [tile, paper] = [
      await pixel(browser, page, place.x + 22, place.y + 22),
      await pixel(browser, page, beyond.x, beyond.y),
    ];
    const far = tile.reduce((sum, value, i) => sum + Math.abs(value - paper[i]!), 0);
    t.ok(far > 60, `the tile is drawn: ${tile.join()} on ${paper.join()}`);
    await page.mouse.move(place.x, place.y);
    await page.locator('#tooltip').getByText('corner.png').waitFor();
    t.match(await page.locator('.tooltip-facts').innerText(), `${x}, ${y}`);
    await page.locator('.label:visible', { hasText: 'Buoy' }).waitFor();

    await page.locator('#plane').focus();
    const at = (wanted: number) =>
      until(`tile ${wanted}`, ({ cursor }) => cursor?.x === wanted && cursor.y === y);
    await page.keyboard.press('ArrowRight');
    await until('a tile', ({ cursor }) => cursor !== undefined);
    await page.keyboard.press(x < 0 ? 'ArrowLeft' : 'ArrowRight');
    await page.keyboard.press(x < 0 ? 'ArrowLeft' : 'ArrowRight');
    await at(x);
    await page.keyboard.press(x < 0 ? 'ArrowRight' : 'ArrowLeft');
    await at(x + inward(x));
    await page.locator('.region:visible').waitFor();
    await screenshot(page, `corner-${x < 0 ? 'left' : 'right'}-${y < 0 ? 'top' : 'bottom'}`);
  });

t.test('all four at once: the compositor that has them, and what an area there has', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0,0,40' });
  await page.locator('#compositors').getByRole('button', { name: /^Buoy/ }).click();
  const state = await until('the whole plane', ({ camera }) => camera.zoom < 1e-6);
  for (const [x, y] of CORNERS) {
    const { x: left, y: top } = placeOf(state, x, y);
    t.ok(left >= 0 && left <= 1000 && top >= 0 && top <= 700, `${x},${y} is on the screen: ${left},${top}`);
  }
  await page.locator('#fold').click();
  const place = placeOf(state, LEAST, MOST);
  await page.mouse.click(place.x + 2, place.y - 2);
  const details = page.locator('#details');
  await details.getByText('Area of the plane').waitFor();
  await details.getByRole('heading', { name: '2 tiles' }).waitFor();
  await details.getByRole('button', { name: 'Zoom in' }).click();
  await until('a closer look', ({ camera }) => camera.zoom > state.camera.zoom);
});
