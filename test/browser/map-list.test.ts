import t from 'tap';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { openMap, screenshot } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const rows = (page: Page) => page.locator('#compositors > li');
const rowOf = (page: Page, name: string) =>
  page.locator('#panel').getByRole('button', { name: new RegExp(`^${name}(?![\\w-])`) });

t.test(
  'five thousand compositors: each can be reached, by wheel and by keyboard',
  { timeout: 240_000 },
  async (t) => {
    const { app, inject } = await build(t);
    const ids = Array.from({ length: 5000 }, (_, i) => `c${String(i).padStart(4, '0')}`);
    // Together, so that hundreds share a commit. A busy machine may want some of them later.
    const register = async (id: string): Promise<void> => {
      const { status } = await inject({
        method: 'PUT',
        url: `/compositors/${id}`,
        payload: { name: id, ttl: 3600 },
      });
      if (status === 503) return register(id);
      if (status !== 201 && status !== 200) throw new Error(`${id} was not registered: ${status}`);
    };
    while (ids.length > 0) await Promise.all(ids.splice(0, 200).map(register));
    await inject({
      method: 'PATCH',
      url: '/compositors/c4000/tiles',
      payload: { '0,0': { brick: 'a.png' }, '1,0': { brick: 'b.png' } },
    });
    const { page } = await openMap(t, browser, await app.listen(), { hash: '#0,0,40' });
    await page.getByText('5,000 compositors · 2 tiles').waitFor();
    const first = rows(page).first();
    await rowOf(page, 'c4000 2 tiles').waitFor();
    t.match(await first.innerText(), /^c4000/, 'the one with the most tiles is the first');
    t.equal(await first.getAttribute('aria-setsize'), '5000');
    t.equal(await first.getAttribute('aria-posinset'), '1');
    t.ok((await rows(page).count()) < 60, 'only rows in sight are made');

    await rowOf(page, 'c4000').focus();
    await page.keyboard.press('End');
    await rowOf(page, 'c4999').waitFor();
    t.match(await page.evaluate('document.activeElement.textContent'), /^c4999/);
    t.equal(await page.evaluate('document.activeElement.parentElement.ariaPosInSet'), '5000');
    await page.keyboard.press('ArrowUp');
    t.match(await page.evaluate('document.activeElement.textContent'), /^c4998/);
    await page.keyboard.press('Home');
    t.match(await page.evaluate('document.activeElement.textContent'), /^c4000/);

    await page.locator('#compositors-scroll').hover();
    await page.mouse.wheel(0, 46 * 2500);
    await rowOf(page, 'c2500').waitFor();
    t.ok((await rows(page).count()) < 60);
    t.match(await page.evaluate('document.activeElement.textContent'), /^c4000/, 'the focus stays');
    await rowOf(page, 'c2500').click();
    await page.locator('#details').getByRole('heading', { name: 'c2500' }).waitFor();
    await page.locator('#compositors [aria-current=true]').waitFor();
  },
);

t.test('problems come first; chips filter by state; equal names are told apart', async (t) => {
  const { app, inject } = await build(t, { settings: { lease: { retention: 3600 } } });
  const put = (id: string, name: string, more: object = {}) =>
    inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name, ttl: 3600, ...more } });
  await put('wall-1', 'Wall');
  await put('wall-2', 'Wall');
  await put('desk', 'Desk');
  await put('gone', 'Gone', { ttl: 1 });
  await inject({ method: 'PATCH', url: '/compositors/desk/tiles', payload: { '0,0': { brick: 'a' } } });
  const long = '👩‍🚀'.repeat(25);
  await put('long', long);
  const { page } = await openMap(t, browser, await app.listen(), { hash: '#0,0,40' });
  const state = (name: RegExp) => page.locator('#states').getByRole('button', { name });
  await state(/^1 stale$/).waitFor();
  await page.locator('#compositors > li:first-child', { hasText: 'Gone' }).waitFor();
  t.match(await rows(page).nth(1).innerText(), /^Desk/);
  await rowOf(page, 'Wall wall-1').waitFor();
  await rowOf(page, 'Wall wall-2').waitFor();
  await rowOf(page, 'Desk 1 tiles').waitFor();
  t.same(await page.evaluate('document.body.scrollWidth <= innerWidth'), true);
  const [panel, row] = [
    (await page.locator('#panel').boundingBox())!,
    (await rows(page).last().boundingBox())!,
  ];
  t.ok(row.x + row.width <= panel.x + panel.width, 'a long name stays in its row');
  await screenshot(page, 'list');

  await state(/stale$/).click();
  await rowOf(page, 'Desk').waitFor({ state: 'detached' });
  t.equal(await rows(page).count(), 1);
  t.equal(await state(/stale$/).getAttribute('aria-pressed'), 'true');
  // Its end takes its chip away, and with it the filter.
  await inject({ method: 'DELETE', url: '/compositors/gone' });
  await rowOf(page, 'Desk').waitFor();
  t.equal(await rows(page).count(), 4);
  t.equal(await page.locator('#states').isVisible(), false, 'one state is no choice');

  await rowOf(page, long.slice(0, 20)).click();
  await page.locator('#details').getByText('Compositor long').waitFor();
  const details = (await page.locator('#details').boundingBox())!;
  t.ok(details.x + details.width <= 1000, 'nor does it break the panel');
  await screenshot(page, 'long-name');
});

// The header said "1 compositor · 0 tiles" for seconds while the label on the map said 1.
t.test('on a map that is known whole the counts do not wait for the list', async (t) => {
  const { app, inject } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 } });
  const { page } = await openMap(t, browser, await app.listen());
  await page.getByText('1 compositor · 0 tiles').waitFor();
  // No answer comes any more.
  await page.route('**/compositors?*', () => undefined);
  await inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: { '0,0': { brick: 'a' } } });
  await page.getByText('1 compositor · 1 tile').waitFor();
});

// On a busy machine the tiles came before the canvas was ready, and the page died of it.
t.test('what comes before the canvas is there is counted', async (t) => {
  const { app, inject } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 } });
  await inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: { '0,0': { brick: 'a' } } });
  // The canvas waits for the browser's other tasks, and no other timer comes without a time.
  const script = `const set = setTimeout;
    window.setTimeout = (work, ms = 1000) => set(work, ms);`;
  const { page } = await openMap(t, browser, await app.listen(), { script });
  await page.getByText('1 compositor · 1 tile').waitFor();
});

t.test('on a map that is known in part a change leads to a reading, not only the poll', async (t) => {
  const { app, inject } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 } });
  const script = `const set = setInterval;
    window.setInterval = (work, every) => (every === 5000 ? 0 : set(work, every));`;
  const { page } = await openMap(t, browser, await app.listen(), { hash: '#0,0,40', script });
  await page.getByText('1 compositor · 0 tiles').waitFor();
  await inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: { '0,0': { brick: 'a' } } });
  await page.getByText('1 compositor · 1 tile').waitFor();
});

// Each change led to a reading half a second later: a thousand viewers of a busy map read the list all the time.
t.test('many changes lead to few readings', async (t) => {
  const { app, inject } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 } });
  const patch = (brick: string) =>
    inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: { '0,0': { brick } } });
  await patch('first');
  const { until, requests } = await openMap(t, browser, await app.listen(), { hash: '#0,0,40' });
  const readings = () => requests.filter((url) => new URL(url).pathname === '/compositors').length;
  await until('the tile', ({ tiles }) => tiles === 1);
  const [began, before] = [performance.now(), readings()];
  for (let n = 0; n < 25; n++) {
    await patch(`b${n}`);
    await until(`change ${n}`, ({ bricks }) => bricks['0,0'] === `b${n}`);
  }
  const seconds = (performance.now() - began) / 1000;
  t.ok(readings() - before <= seconds / 2 + 2, `${readings() - before} in ${seconds} s`);
});

// Thirty hits said "Same name compositor", and nothing said that there were more.
t.test('hits with one name are told apart, and their number is said', async (t) => {
  const { app, inject } = await build(t);
  const ids = Array.from({ length: 40 }, (_, i) => `same-${i}`);
  for (const id of ids)
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: 'Same name', ttl: 3600 } });
  const { page } = await openMap(t, browser, await app.listen(), { hash: '#0,0,40' });
  await page.getByText('40 compositors').waitFor();
  await page.getByRole('combobox').fill('same name');
  await page.getByRole('option', { name: '30 of 40' }).waitFor();
  t.equal(await page.locator('#hits .hit').count(), 30);
  const hits = await page.locator('#hits .hit').allInnerTexts();
  t.equal(new Set(hits).size, 30, 'each says which one it is');
  await screenshot(page, 'hits-of-one-name');
});
