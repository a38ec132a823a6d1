import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
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
    '200002,0': { brick: '\u202egnp.str\u202c שלום' },
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
  const names = ['Use the light theme', 'Hide the panel'];
  t.ok(names.includes(await page.evaluate('document.activeElement.ariaLabel')), 'Tab leads into the panel');
  await page.getByRole('button', { name: /^apps,/ }).focus();
  await page.keyboard.press('Enter');
  await until('flight to the compositor', ({ camera }) => camera.y > -2040 && camera.y < -2005);
});

// Rows that were there before it was known who has the most tiles stayed beside the others, and were never written again.
t.test('the panel lists those that have the most, and no others', async (t) => {
  const crowd = Array.from({ length: 305 }, (_, i) => `c${String(i).padStart(3, '0')}`);
  for (const id of crowd) await put(id);
  const last = crowd.at(-1)!;
  await patch(last, { '300000,0': { brick: 'one' }, '300001,0': { brick: 'two' } });
  const { page } = await openMap(t, browser, daemon.url, { hash: '#300000,0,40' });
  await page.getByRole('button', { name: new RegExp(`^${last},.* 2 tiles`) }).waitFor();
  t.equal(await page.locator('#compositors > li').count(), 300);
});
