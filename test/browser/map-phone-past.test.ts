// In the past the time bar of a phone had a third row, and covered half of the status and of the overview's button.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, screenshot } from './map-page.ts';

const PHONE = { width: 390, height: 844 };

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
for (const brick of ['a', 'b', 'c'])
  await send('PATCH', `${daemon.url}/compositors/wall/tiles`, { '0,0': { brick: `${brick}.png` } });

t.test('in the past the time bar has two rows, and lies over nothing', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, {
    hash: '#0,0,40',
    size: PHONE,
    touch: true,
  });
  await until('the history', ({ commits }) => commits > 3);
  const boxOf = async (selector: string) => (await page.locator(selector).boundingBox())!;
  await page.locator('#minimap').waitFor();
  const live = await boxOf('#timeline');
  await page.getByRole('button', { name: 'One commit back' }).tap();
  await until('the past', ({ state }) => state === 'history');
  const bar = await boxOf('#timeline');
  t.same(bar, live);
  const middle = ({ y, height }: { y: number; height: number }) => y + height / 2;
  for (const selector of ['#live', '#compare', '#link', '#speed'])
    t.equal(middle(await boxOf(selector)), middle(await boxOf('#play')), selector);
  for (const selector of ['#live', '#compare', '#link', '#speed']) {
    const { width, height } = await boxOf(selector);
    t.ok(width >= 32 && height >= 32, `a finger hits ${selector}: ${width} x ${height}`);
  }
  for (const selector of ['#status', '#minimap']) {
    const { y, height } = await boxOf(selector);
    t.ok(y + height <= bar.y, `${selector} ends above the bar: ${y + height} ${bar.y}`);
  }
  await screenshot(page, 'phone-past');
  await page.getByRole('button', { name: 'Use the light theme' }).tap();
  await screenshot(page, 'phone-past-light');
});

// A phone listed keys that it does not have.
t.test('without a keyboard nothing speaks of keys', async (t) => {
  const { page } = await openMap(t, browser, daemon.url, { hash: '#0,0,40', size: PHONE, touch: true });
  t.equal(await page.locator('#keys-open').isVisible(), false);
  await page.getByRole('button', { name: /List of compositors$/ }).tap();
  await page.getByRole('combobox').waitFor();
  t.equal(await page.locator('.search kbd').isVisible(), false);
});

// A tile that a link or a search opens was in the middle of the screen, behind the sheet that says what it is.
t.test('what a link or a search opens is in the middle of what the sheet leaves free', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, {
    ...{ hash: '#0.5,0.5,60!0,0', size: PHONE, touch: true },
  });
  const details = page.locator('#details');
  await details.getByRole('heading', { name: 'c.png' }).waitFor();
  const isInTheMiddle = async () => {
    const { y: sheet } = (await details.boundingBox())!;
    const panel = (await page.locator('#panel').boundingBox())!;
    const free = (panel.y + panel.height + sheet) / 2;
    await until('the free part', ({ camera: { y, zoom } }) => {
      const middle = PHONE.height / 2 + (0.5 - y) * zoom;
      return Math.abs(middle - free) < 30;
    });
  };
  await isInTheMiddle();
  await screenshot(page, 'phone-linked-tile');
  await details.getByRole('button', { name: 'Close' }).tap();
  await page.evaluate("location.hash = '#500,500,40'");
  await until('far away', ({ camera }) => camera.x > 400);
  await page.getByRole('button', { name: /List of compositors$/ }).tap();
  await page.getByRole('combobox').fill('c.png');
  await page.getByRole('option', { name: /^c\.png/ }).waitFor();
  await page.keyboard.press('Enter');
  await details.getByRole('heading', { name: 'c.png' }).waitFor();
  await isInTheMiddle();
});
