// A comparison was silent about compositors and regions: across the end of one without tiles it said that nothing differs.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { accessible } from './axe.ts';
import { openMap, screenshot } from './map-page.ts';
import { shootThemes } from './screenshots.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const put = (id: string, name: string) => send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
const reserve = async (rect: string, purpose: string) => {
  const region = { compositor: 'wall', rect, purpose, ttl: 3600 };
  return String((await send('POST', `${daemon.url}/regions`, region)).body.id);
};

t.test('a comparison says which compositors and regions are new, changed and gone', async (t) => {
  for (const [id, name] of [
    ['wall', 'Wall'],
    ['door', 'Door'],
    ['same', 'Same'],
  ] as const)
    await put(id, name);
  await send('PATCH', `${daemon.url}/compositors/door/tiles`, {
    '0,0': { brick: 'a' },
    '1,0': { brick: 'b' },
  });
  await send('PATCH', `${daemon.url}/compositors/same/tiles`, { '3,1': { brick: 'c' } });
  const former = await reserve('0,3,3,5', 'former lobby');
  const since = String((await send('GET', `${daemon.url}/manifest?view=0,0,0,0`)).body.cursor);
  await put('desk', 'Desk');
  await put('wall', 'The Wall');
  await send('DELETE', `${daemon.url}/compositors/door`);
  await send('DELETE', `${daemon.url}/regions/${former}`);
  await reserve('3000,0,3009,9', 'new lobby');

  const { page, until } = await openMap(t, browser, daemon.url, { hash: `#1,1,48@${since}..now` });
  const card = page.locator('#comparison');
  const lines = card.locator('.comparison-line');
  const textOf = async (index: number) => (await lines.nth(index).innerText()).replace(/\s+/g, ' ');
  await lines.nth(2).waitFor();
  t.equal(await textOf(0), 'Tiles − 2 removed');
  t.equal(await textOf(1), 'Compositors + 1 added ○ 1 changed − 1 removed');
  t.equal(await textOf(2), 'Regions + 1 added − 1 removed');
  const rows = (await card.getByRole('listitem').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
  t.strictSame(
    rows.map((row) => row.replace(' removed tiles', '')),
    [
      'Door − left − 2',
      'Desk + registered',
      'The Wall ○ name',
      'new lobby + reserved',
      'former lobby − given up',
    ],
  );
  await until('marks', ({ marks }) => marks === 2);
  await shootThemes(page, 'compare-fleet');
  await accessible(t, page, 'a comparison');
  await page.setViewportSize({ width: 390, height: 844 });
  await accessible(t, page, 'a comparison on a phone');
  await screenshot(page, 'compare-fleet-phone');
  await page.setViewportSize({ width: 1000, height: 700 });
  await card.getByRole('button', { name: /^new lobby/ }).click();
  await until('flight to the region', ({ camera }) => camera.x > 2990);
  await page.locator('.region:visible').getByText('wall: new lobby').waitFor();
});
