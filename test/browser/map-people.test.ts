import { join } from 'node:path';
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { writeOldMap } from '../support/old-map.ts';
import { openMap, placeOf, screenshot } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const put = (id: string, name = id) => send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
const patch = (id: string, tiles: Record<string, { brick: string } | null>) =>
  send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles);

t.test('names from strangers are text', async (t) => {
  const hostile = {
    '200000,0': { brick: '<img src=x onerror="document.title=1">' },
    '200001,0': { brick: `${'x'.repeat(247)}.rts.png` },
    '200002,0': { brick: 'gnp.str שלום' },
  };
  await put('hostile', '<script>document.title=2</script><img src=x onerror=document.title=3>');
  await patch('hostile', hostile);
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#200001,0,60' });
  const title = await page.title();
  const state = await until('hostile bricks', ({ tiles }) => tiles === 3);
  await page.locator('.label', { hasText: '<script>' }).waitFor();
  for (const [key, { brick }] of Object.entries(hostile)) {
    const place = placeOf(state, Number(key.split(',')[0]), 0);
    await page.mouse.move(place.x, place.y);
    await page.locator('#tooltip bdi').filter({ hasText: brick }).waitFor();
    const box = (await page.locator('#tooltip').boundingBox())!;
    t.ok(box.width < 400 && box.x >= 0 && box.x + box.width <= 1000, 'the tip stays small and on the screen');
  }
  await page.getByRole('combobox').fill('<img');
  await page.getByRole('option').filter({ hasText: 'onerror="document.title=1"' }).waitFor();
  t.equal(await page.title(), title, 'nothing of it ran');
  t.equal(
    await page.locator('#panel img, #tooltip img, .label img, #panel script').count(),
    0,
    'or became markup',
  );
  await screenshot(page, 'hostile');
});

// A name with U+202E turned the writing of what stood beside it, and a blank one was nobody's.
t.test('names from before they had to be printable are shown as what they are', async (t) => {
  const dir = await temporaryFolder(t);
  await writeOldMap(join(dir, 'store'));
  const { url } = await startDaemon(t, { dir });
  const { page, until } = await openMap(t, browser, url, { hash: '#0,0,60' });
  const state = await until('old bricks', ({ tiles }) => tiles === 3);
  await page
    .locator('#panel')
    .getByRole('button', { name: /^\\u\{202e\}llaw eht / })
    .waitFor();
  await page
    .locator('#panel')
    .getByRole('button', { name: /^\\u\{3164\} / })
    .waitFor();
  const tip = page.locator('#tooltip bdi');
  for (const [x, shown] of [
    [0, '\\u{202e}gnp.str\\u{202c} שלום'],
    [1, '\\x20'],
  ] as const) {
    const place = placeOf(state, x, 0);
    await page.mouse.move(place.x, place.y);
    await tip.filter({ hasText: shown }).waitFor();
  }
  await page.locator('.region', { hasText: 'turned: the \\u{2066}lobby' }).waitFor();
  t.notMatch(await page.evaluate('document.documentElement.outerHTML'), /[\u202A-\u202E\u2066-\u2069\u3164]/);
  await screenshot(page, 'old-names');
});

t.test('by keyboard alone', async (t) => {
  await put('apps');
  await patch('apps', {
    '-1024,-2046': { brick: 'ANYGEN.md.rts.png' },
    '-1000,-2000': { brick: 'other.rts.png' },
  });
  const { page, until, state } = await openMap(t, browser, daemon.url, { hash: '#0,0,20' });
  await page.getByRole('application', { name: 'Map of the plane' }).focus();
  const start = (await state()).camera;
  await page.keyboard.press('ArrowRight');
  await until('pan', ({ camera }) => camera.x > start.x);
  await page.keyboard.press('ArrowUp');
  await until('pan', ({ camera }) => camera.y < start.y);
  await page.keyboard.press('+');
  await until('zoom', ({ camera }) => camera.zoom > start.zoom);
  await page.keyboard.press('/');
  t.equal(await page.evaluate('document.activeElement.id'), 'search', 'slash goes to the search');
  await page.keyboard.type('anygen.md');
  await page.getByRole('option', { name: /ANYGEN\.md\.rts\.png/ }).waitFor();
  await page.keyboard.press('Enter');
  const found = await until('flight', ({ camera }) => Math.abs(camera.x - -1023.5) < 1);
  t.ok(Math.abs(found.camera.y - -2045.5) < 1, 'to the brick');
  await page.locator('#plane').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  t.ok(await page.evaluate("document.activeElement.matches('button, a, input')"), 'Tab leads on');
  await page
    .locator('#panel')
    .getByRole('button', { name: /^apps / })
    .focus();
  await page.keyboard.press('Enter');
  await until('flight to the compositor', ({ camera }) => camera.y > -2040 && camera.y < -2005);
});
