import t from 'tap';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixel, placeOf, screenshot } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const write = async (id: string, tiles: object): Promise<string> =>
  String((await send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles)).body.cursor);
const row = (y: number, brick: string) =>
  Object.fromEntries(Array.from({ length: 6 }, (_, x) => [`${x},${y}`, { brick }]));

for (const [id, name] of [
  ['wall', 'Wall'],
  ['door', 'Door'],
] as const)
  await send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
await write('wall', { ...row(0, 'a.png'), ...row(1, 'b.png') });
const before = await write('door', row(3, 'c.png'));
// Since: two changed, three removed, one added, and one that came and went.
await write('wall', { '0,0': { brick: 'x.png' }, '1,0': { brick: 'x.png' }, '9,9': { brick: 'y.png' } });
await write('door', { '0,3': null, '1,3': null, '2,3': null });
await write('wall', { '9,9': null, '2,2': { brick: 'new.png' } });
const HASH = '#2.5,2,56';

t.test('a moment of the past is compared with now: in colours, in numbers, and by owner', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: `${HASH}@${before}`, live: false });
  await until('the past', ({ state, commits }) => state === 'history' && commits > 5);
  await page.getByRole('button', { name: /^Compare/ }).click();
  const card = page.locator('#comparison');
  const counts = page.locator('#comparison-counts');
  await counts.getByText('+ 1 added').waitFor();
  await counts.getByText('○ 2 changed').waitFor();
  await counts.getByText('− 3 removed').waitFor();
  t.match(await card.getByRole('heading').innerText(), /^r4 · .+ → now$/);
  t.match(
    (await card.getByRole('listitem').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ')),
    [/^(Wall .*1.* .*2|Door .*3)/, /^(Wall .*1.* .*2|Door .*3)/],
  );
  const state = await until('now, with marks', ({ state, marks }) => state === 'live' && marks === 6);
  const colourAt = (x: number, y: number) => {
    const place = placeOf(state, x, y);
    // Beside the sign in the middle.
    return pixel(browser, page, place.x - 18, place.y - 18);
  };
  const [added, removed, same] = [await colourAt(2, 2), await colourAt(0, 3), await colourAt(3, 1)];
  t.ok(added[1]! > 150 && added[1]! > added[0]! + 40, `added is green: ${String(added)}`);
  t.ok(
    removed[0]! > 180 && removed[0]! > removed[1]! + 60,
    `removed is red, where no tile is: ${String(removed)}`,
  );
  t.ok(Math.max(...same) < 140, `the rest pales: ${String(same)}`);
  await screenshot(page, 'compare');
  await page.getByRole('button', { name: 'Use the light theme' }).click();
  await screenshot(page, 'compare-light');

  await write('wall', { '3,2': { brick: 'live.png' } });
  await counts.getByText('+ 2 added').waitFor();
  await until('the mark of what just came', ({ marks }) => marks === 7);
  await page.keyboard.press('Escape');
  t.ok(await card.isHidden(), 'Escape ends it');
  await until('no marks', ({ marks }) => marks === 0);
  t.equal(await page.getByRole('button', { name: /^Compare/ }).getAttribute('aria-pressed'), 'false');
  await write('wall', { '3,2': null });
});

t.test('any two moments are compared, whichever was marked first', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: HASH });
  const { revision } = await until('the history', ({ state, commits }) => state === 'live' && commits > 6);
  const card = page.locator('#comparison');
  const counts = page.locator('#comparison-counts');
  await page.keyboard.press('c');
  await counts.getByText('Nothing differs').waitFor();
  for (let i = 0; i < 3; i++) await page.keyboard.press(',');
  await until('the past', ({ shownRevision }) => shownRevision === revision - 3);
  await card.getByRole('heading', { name: new RegExp(`^r${revision - 3} .*→ r${revision} `) }).waitFor();
  await counts.getByText('+ 1 added').waitFor();
  await counts.getByText('− 1 removed').waitFor();
  await page.keyboard.press('Escape');
  await until('the end of it', ({ marks, state }) => marks === 0 && state === 'history');
  await page.keyboard.press('Escape');
  await until('now', ({ state }) => state === 'live');
});

// It said "r7 → r7. Nothing differs" of the moment and itself.
t.test('Back out of a comparison ends it', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: `${HASH}@${before}`, live: false });
  await until('the past', ({ state, commits }) => state === 'history' && commits > 5);
  await page.getByRole('button', { name: /^Compare/ }).click();
  await until('now, with marks', ({ state, marks }) => state === 'live' && marks > 0);
  await page.goBack();
  await until('the moment, without marks', ({ state, marks }) => state === 'history' && marks === 0);
  await page.locator('#comparison').waitFor({ state: 'hidden' });
});

const hashOf = (page: Page) => page.evaluate<string>('location.hash');

// A link showed only one moment, and a reload lost the comparison.
t.test('a comparison is in the address: linked, loaded anew, and undone by Back', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, {
    hash: `${HASH}@${before}..now`,
    live: false,
  });
  const card = page.locator('#comparison');
  await until('now, with marks', ({ state, marks }) => state === 'live' && marks === 6);
  await card.getByRole('heading', { name: /^r4 · .+ → now$/ }).waitFor();
  await page.locator('#compare-mark').waitFor();
  t.equal(await page.getByRole('button', { name: /^Compare/ }).getAttribute('aria-pressed'), 'true');
  await page.keyboard.press(',');
  await card.getByRole('heading', { name: /^r4 · .+ → r\d+ · / }).waitFor();
  const past = await until('the past, with marks', ({ state, marks }) => state === 'history' && marks > 0);
  const shown = past.moment!.cursor;
  t.equal(await hashOf(page), `${HASH}@${before}..${shown}`);
  await page.reload();
  const again = await until('the same', ({ state, marks }) => state === 'history' && marks === past.marks);
  t.equal(again.moment!.cursor, shown);
  await card.getByRole('heading', { name: new RegExp(`^r4 · .+ → r${past.shownRevision} · `) }).waitFor();
  t.equal(await hashOf(page), `${HASH}@${before}..${shown}`);

  await page.keyboard.press('Escape');
  await until('no marks', ({ state, marks }) => state === 'history' && marks === 0);
  t.equal(await hashOf(page), `${HASH}@${shown}`);
  await page.goBack();
  await until('the comparison again', ({ marks }) => marks === past.marks);
  await page.goBack();
  await until('that with now', ({ state, marks }) => state === 'live' && marks === 6);
  await page.goForward();
  await page.goForward();
  await until('its end', ({ state, marks }) => state === 'history' && marks === 0);
  await card.waitFor({ state: 'hidden' });
});

t.test('Back leads out of a comparison that began on the live map, and Forward into it', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: HASH });
  await until('the history', ({ commits }) => commits > 6);
  await page.keyboard.press('c');
  const card = page.locator('#comparison');
  await card.waitFor();
  t.match(await hashOf(page), new RegExp(`^${HASH}@\\d+-[0-9a-f]{8}\\.\\.now$`));
  await page.goBack();
  await card.waitFor({ state: 'hidden' });
  t.equal(await hashOf(page), HASH);
  await page.goForward();
  await card.getByText('Nothing differs').waitFor();
  // Another moment to compare with, in the address.
  await page.evaluate(`location.hash = '${HASH}@${before}..now'`);
  await until('marks', ({ marks }) => marks === 6);
});

t.test('a link to a comparison of which a moment was trimmed says so', async (t) => {
  const { url } = await startDaemon(t, { args: ['--history-commits=4', '--history-seconds=0'] });
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  const cursors: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    const tiles = { '0,0': { brick: name } };
    cursors.push(String((await send('PATCH', `${url}/compositors/wall/tiles`, tiles)).body.cursor));
  }
  const [first, second, kept] = [cursors[0]!, cursors[1]!, cursors[5]!];
  const options = { live: false, allow: /status of 410/ };
  const toastOf = (page: Page) => page.locator('#toast');

  const marked = await openMap(t, browser, url, { ...options, hash: `#0,0,40@${first}..${kept}` });
  const { page } = marked;
  await toastOf(page)
    .getByText('r2 is no longer in the history, so nothing can be compared with it.')
    .waitFor();
  await marked.until('the other moment', ({ state, bricks }) => state === 'history' && bricks['0,0'] === 'f');
  await page.waitForURL((address) => address.hash === `#0,0,40@${kept}`);
  await screenshot(page, 'compare-trimmed');

  const words =
    /^r3 is no longer in the history, which begins at r\d+.* This is the live map, and nothing is compared\.$/;
  for (const from of [kept, first]) {
    const shown = await openMap(t, browser, url, { ...options, hash: `#0,0,40@${from}..${second}` });
    await toastOf(shown.page).getByText(words).waitFor();
    await shown.until('the live map', ({ state, bricks }) => state === 'live' && bricks['0,0'] === 'g');
    await shown.page.waitForURL((address) => address.hash === '#0,0,40');
    await shown.page.locator('#comparison').waitFor({ state: 'hidden' });
  }
});

t.test('much that differs is counted in areas, and all of it in numbers', async (t) => {
  const since = String((await send('GET', `${daemon.url}/manifest?view=0,0,0,0`)).body.cursor);
  for (let y = 0; y < 160; y += 40)
    await write(
      'wall',
      Object.fromEntries(
        Array.from({ length: 180 * 40 }, (_, i) => [
          `${1000 + (i % 180)},${1000 + y + Math.floor(i / 180)}`,
          { brick: `brick-${i % 31}.png` },
        ]),
      ),
    );
  const { page, until } = await openMap(t, browser, daemon.url, {
    hash: `#1090,1080,3@${since}`,
    live: false,
  });
  await until('the past', ({ state, commits }) => state === 'history' && commits > 5);
  await page.getByRole('button', { name: /^Compare/ }).click();
  await page.locator('#comparison-counts').getByText('+ 28,800 added').waitFor();
  await until('areas', ({ marks }) => marks > 1000 && marks <= 10_000);
  await screenshot(page, 'compare-areas');
});
