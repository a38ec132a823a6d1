// "Only this one" was of the live map: in the past all compositors came back, while the page went on to say that only one is shown.
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
const row = (y: number, brick: string, length = 5) =>
  Object.fromEntries(Array.from({ length }, (_, x) => [`${x},${y}`, { brick }]));

for (const [id, name] of [
  ['wall', 'Wall'],
  ['door', 'Door'],
] as const)
  await send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
await write('wall', row(0, 'wall.png'));
const before = await write('door', row(2, 'door.png'));
await write('wall', { '0,0': null, '9,0': { brick: 'new.png' } });
await write('door', { '0,2': null });
await send('DELETE', `${daemon.url}/compositors/door`);
const cells = ({ bricks }: MapState) => Object.keys(bricks).sort().join(' ');
const WALL = '0,0 1,0 2,0 3,0 4,0';
const ALL = `0,0 0,2 1,0 1,2 2,0 2,2 3,0 3,2 4,0 4,2`;

t.test('of a moment of the past, too, only one compositor is shown', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, {
    hash: `#4,1,50@${before}`,
    live: false,
  });
  await until('the past', (state) => cells(state) === ALL);
  await page.locator('#compositors').getByRole('button', { name: /^Wall/ }).click();
  const only = page.locator('#details').getByRole('button', { name: 'Only this one' });
  await only.click();
  await until('one', (state) => state.state === 'history' && cells(state) === WALL);
  // The others of then are listed as they were.
  await page.getByText('2 compositors · 10 tiles').waitFor();
  await page.locator('#attention').getByText('Wall').waitFor();
  await shootThemes(page, 'past-only');

  await page.keyboard.press('.');
  await until('the next moment', (state) => cells(state) === '1,0 2,0 3,0 4,0 9,0');
  await page.keyboard.press('l');
  await until('now', (state) => state.state === 'live' && cells(state) === '1,0 2,0 3,0 4,0 9,0');
  await page.getByText('1 compositor · 5 tiles').waitFor();
  await page.goBack();
  await until('the past again', (state) => state.state === 'history' && !('0,2' in state.bricks));
  await page.locator('#attention').getByRole('button', { name: 'Show all' }).click();
  await until('all', (state) => state.state === 'history' && '2,2' in state.bricks);
});

t.test('a comparison is of the only one that is shown', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: `#4,1,50@${before}..now` });
  const tiles = page.locator('#comparison .comparison-line').filter({ hasText: 'Tiles' });
  await tiles.getByText('− 6 removed').waitFor();
  await page.locator('#comparison').getByRole('button', { name: /^Wall/ }).click();
  await page.locator('#details').getByRole('button', { name: 'Only this one' }).click();
  await tiles.getByText('− 1 removed').waitFor();
  await tiles.getByText('+ 1 added').waitFor();
  await until('its marks', ({ marks }) => marks === 2);
});

t.test('zoomed out over many, the areas are those of the only one', async (t) => {
  for (const [id, left] of [
    ['wall', 0],
    ['desk', 400],
  ] as const) {
    if (id === 'desk') await send('PUT', `${daemon.url}/compositors/desk`, { name: 'Desk', ttl: 3600 });
    for (let y = 0; y < 120; y += 30)
      await write(
        id,
        Object.fromEntries(
          Array.from({ length: 160 * 30 }, (_, i) => [
            `${left + (i % 160)},${1000 + y + Math.floor(i / 160)}`,
            { brick: `brick-${i % 31}.png` },
          ]),
        ),
      );
  }
  const at = String((await send('GET', `${daemon.url}/manifest?view=0,0,0,0`)).body.cursor);
  await write('wall', { '0,0': { brick: 'later.png' } });
  const { page, until } = await openMap(t, browser, daemon.url, {
    hash: `#280,1060,1.5@${at}`,
    live: false,
  });
  const all = await until('areas', ({ zoom, tilesOfAreas }) => zoom > 0 && tilesOfAreas > 30_000);
  await page.locator('#compositors').getByRole('button', { name: /^Desk/ }).click();
  await page.locator('#details').getByRole('button', { name: 'Only this one' }).click();
  const one = await until(
    'those of one',
    ({ tiles, tilesOfAreas }) => tiles === 19_200 || tilesOfAreas === 19_200,
  );
  t.equal(one.state, 'history');
  t.ok(all.tilesOfAreas > 38_000);
});
