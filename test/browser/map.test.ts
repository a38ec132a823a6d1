import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixel, placeOf, screenshot } from './map-page.ts';

interface Tile {
  brick: string;
  timestamp: number;
}

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const put = (id: string, name = id) => send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
const patch = (id: string, tiles: Record<string, { brick: string } | null>) =>
  send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles);

/** What the trace leaves of each compositor. */
async function lastOfTrace(): Promise<Map<string, Map<string, Tile>>> {
  const file = new URL('../fixtures/geometry-os-history.jsonl.gz', import.meta.url);
  const last = new Map<string, Map<string, Tile>>();
  for await (const line of createInterface({ input: createReadStream(file).pipe(createGunzip()) })) {
    const { compositor, tiles } = JSON.parse(line) as {
      compositor: string;
      tiles: Record<string, Tile | null>;
    };
    const own = last.get(compositor) ?? new Map<string, Tile>();
    last.set(compositor, own);
    for (const [key, tile] of Object.entries(tiles))
      if (tile) own.set(key, tile);
      else own.delete(key);
  }
  return last;
}

t.test('the map of the real trace is on the page, tile by tile', async (t) => {
  const bricks: Record<string, string> = {};
  for (const [id, tiles] of await lastOfTrace()) {
    await put(id);
    await send('PUT', `${daemon.url}/compositors/${id}/tiles`, Object.fromEntries(tiles));
    for (const [key, tile] of tiles) bricks[key] = tile.brick;
  }
  const { page, until } = await openMap(t, browser, daemon.url);
  const count = Object.keys(bricks).length;
  // The page opened with 24 specks.
  const first = await until('first look', ({ level, drawn }) => level === 0 && drawn > 0);
  t.ok(first.camera.zoom > 6, `the largest group of tiles, each seen: ${first.camera.zoom} pixels wide`);
  t.equal(await page.locator('.label:visible bdi').innerText(), 'apps');
  await page.keyboard.press('Home');
  await until('all tiles on the screen', ({ level }) => level > 0);
  const state = await until('whole trace', ({ tiles, drawn }) => tiles === count && drawn > 0);
  t.strictSame(sorted(state.bricks), sorted(bricks), 'every brick where it belongs, and no other');
  t.ok(state.level > 0, 'seen from afar');
  await page
    .locator('#panel')
    .getByRole('button', { name: /^apps 2,085 tiles/ })
    .waitFor();
  t.equal(
    await page.locator('#compositors > li').first().getAttribute('aria-setsize'),
    '24',
    'every compositor is listed',
  );
  t.equal(await page.locator('.label:visible bdi', { hasText: /^apps$/ }).count(), 1, 'and has its label');
  await screenshot(page, 'overview');

  await page
    .locator('#panel')
    .getByRole('button', { name: /^apps / })
    .click();
  await until('flight to apps', ({ camera }) => camera.zoom > 3 && camera.x < -900);
  await page.locator('#details').getByRole('heading', { name: 'apps' }).waitFor();
  await page.keyboard.press('Escape');
  await page.evaluate("location.hash = '#-1015,-2040,12'");
  const close = await until('tiles of apps', ({ level, camera }) => level === 0 && camera.zoom === 12);
  // 0.5 of a tile's width is in the pattern: the corner of the rounded square is plain colour.
  const place = placeOf(close, -1024, -2046);
  const [tile, paper] = [await pixel(browser, page, place.x, place.y), await pixel(browser, page, 985, 350)];
  t.ok(distance(tile, paper) > 100, `a tile is drawn: ${tile.join()} on ${paper.join()}`);
  await screenshot(page, 'apps');
});

t.test('what is written shows, and what is removed goes', async (t) => {
  await put('wall', 'Wall');
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#100000,100000,40' });
  await patch('wall', {
    '100000,100000': { brick: 'one.rts.png' },
    '100001,100000': { brick: 'two.rts.png' },
  });
  await until('new tiles', ({ bricks }) => bricks['100000,100000'] === 'one.rts.png');
  await patch('wall', { '100000,100000': { brick: 'other.rts.png' }, '100001,100000': null });
  await until(
    'change and removal',
    ({ bricks }) => bricks['100000,100000'] === 'other.rts.png' && !('100001,100000' in bricks),
  );

  const { camera } = await until('page', () => true);
  const place = placeOf({ camera } as never, 100000, 100000);
  await page.mouse.move(place.x, place.y);
  const tip = page.locator('#tooltip');
  await tip.getByText('other.rts.png').waitFor();
  t.match(await tip.innerText(), /Wall/, 'hover names the owner');
  t.match(await tip.innerText(), /100000, 100000\s+·\s+r[\d,]+\s/, 'the cell and the revision of its change');

  await send('DELETE', `${daemon.url}/compositors/wall`);
  await until('empty view', ({ tiles }) => tiles === 0);
  await page
    .locator('#panel')
    .getByRole('button', { name: /^Wall / })
    .waitFor({ state: 'detached' });
});

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function distance(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
}
