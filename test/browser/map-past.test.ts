import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, placeOf, screenshot, type MapPage, type MapState } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const write = async (id: string, tiles: object): Promise<string> => {
  const { body } = await send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles);
  return String(body.cursor);
};

for (const [id, name] of [
  ['wall', 'Wall'],
  ['door', 'Door'],
] as const)
  await send('PUT', `${daemon.url}/compositors/${id}`, { name, ttl: 3600 });
await write('wall', { '0,0': { brick: 'old-name.png' }, '1,0': { brick: 'kept.png' } });
const then = await write('door', { '5,1': { brick: 'door.png' } });
// Since: another brick, one tile more, and Door is gone.
await write('wall', { '0,0': { brick: 'new-name.png' }, '2,0': { brick: 'young.png' } });
await send('DELETE', `${daemon.url}/compositors/door`);
const AT = `#3,0,50@${then}`;

const brick = ({ bricks }: MapState) => bricks['0,0'];
const isPast = (state: MapState) => state.state === 'history' && brick(state) === 'old-name.png';
const isLive = (state: MapState) => state.state === 'live' && brick(state) === 'new-name.png';
const rows = ({ page }: MapPage) => page.locator('#compositors .row-name').allInnerTexts();

t.test('a link opens on the place and the moment that a colleague saw', async (t) => {
  const map = await openMap(t, browser, daemon.url, { hash: AT, live: false });
  const { page, until, requests } = map;
  const state = await until('the past', isPast);
  t.strictSame(Object.keys(state.bricks).sort(), ['0,0', '1,0', '5,1']);
  t.match(state.camera, { x: 3, y: 0, zoom: 50 });
  t.equal(state.shownRevision, Number.parseInt(then, 10));
  await page.getByText('2 compositors · 3 tiles').waitFor();
  t.strictSame((await rows(map)).sort(), ['Door', 'Wall']);
  t.notMatch(await page.locator('#compositors').innerText(), /lease|ms$/m, 'no lease of today');
  t.strictSame((await page.locator('.label:visible bdi').allInnerTexts()).sort(), ['Door', 'Wall']);
  await page.getByText(`r${Number.parseInt(then, 10)} · door`).waitFor();
  t.ok(page.url().endsWith(AT), page.url());
  t.notOk(
    requests.some((url) => url.includes('/manifest?') && !url.includes('at=')),
    'nothing of today was read for it',
  );

  await page.getByRole('combobox').fill('name');
  await page.getByRole('option', { name: /old-name/ }).waitFor();
  t.equal(await page.locator('#hits .hit').count(), 1, 'the search is of that moment');
  await page.keyboard.press('Escape');
  const place = placeOf(state, 5, 1);
  await page.mouse.move(place.x, place.y);
  await page.locator('#tooltip').getByText('Door', { exact: true }).waitFor();
  await screenshot(page, 'past-linked');
  await page.getByRole('button', { name: 'Use the light theme' }).click();
  await screenshot(page, 'past-linked-light');
});

t.test('Escape and L lead back to the live map, after what is open has closed', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: AT, live: false });
  await until('the past', isPast);
  await page.getByRole('combobox').fill('kept');
  await page.getByRole('option', { name: /kept/ }).waitFor();
  await page.keyboard.press('Escape');
  t.equal((await until('page', () => true)).state, 'history', 'the search was closed first');
  await page.keyboard.press('Escape');
  await until('now', isLive);
  await page.getByText('1 compositor · 3 tiles').waitFor();
  t.ok(page.url().endsWith('#3,0,50'), page.url());
  await page.goBack();
  await until('the past again', isPast);
  await page.keyboard.press('l');
  await until('now again', isLive);
});

t.test('Back undoes a flight, and a step into the past', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0,0,40' });
  await until('now and the history', (state) => isLive(state) && state.commits > 3);
  await page.locator('#compositors').getByRole('button', { name: /^Wall/ }).click();
  const there = await until('flight', ({ camera }) => camera.zoom === 48);
  await page.getByRole('button', { name: 'One commit back' }).click();
  await until('a step back', ({ state, shownRevision }) => state === 'history' && shownRevision > 0);
  await page.goBack();
  const live = await until('the live map', isLive);
  t.ok(Math.abs(live.camera.x - there.camera.x) < 0.01 && live.camera.zoom === 48, 'where it was');
  await page.goBack();
  await until('where the flight began', ({ camera }) => Math.abs(camera.x) < 0.01 && camera.zoom === 40);
  await page.goForward();
  await until('the flight again', ({ camera }) => Math.abs(camera.x - there.camera.x) < 0.01);
  await page.locator('#plane').focus();
  await page.keyboard.press('Shift+ArrowRight');
  await until('a pan', ({ camera }) => camera.x > there.camera.x + 1);
  // The address follows once the map rests, and is no new entry.
  await page.waitForURL((url) => Number(url.hash.slice(1).split(',')[0]) > there.camera.x + 1);
  await page.goBack();
  await until('the beginning, in one step', ({ camera }) => Math.abs(camera.x) < 0.01);
});

t.test('the history is stepped through and played, and ends at the live map', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#3,0,50' });
  const { revision } = await until('the history', (state) => isLive(state) && state.commits > 5);
  await page.locator('#plane').focus();
  await page.keyboard.press(',');
  await until('a commit back', ({ shownRevision }) => shownRevision === revision - 1);
  await page.keyboard.press(',');
  await page.keyboard.press(',');
  await until('three back', ({ shownRevision }) => shownRevision === revision - 3);
  await page.keyboard.press('.');
  await until('one on', ({ shownRevision }) => shownRevision === revision - 2);
  const speed = page.getByRole('button', { name: 'Playback speed' });
  await speed.click();
  t.equal(await speed.innerText(), '4×');
  await page.getByRole('button', { name: 'Play the history' }).click();
  await until('the end', isLive);
  await page.getByRole('button', { name: 'Play the history' }).waitFor();
});

t.test('a time in the address is the last commit by then', async (t) => {
  const { body } = await send('GET', `${daemon.url}/manifest?at=${then}`);
  const time = String(body.committedAt);
  const { page, until } = await openMap(t, browser, daemon.url, { hash: `#3,0,50@${time}`, live: false });
  await until('the past', isPast);
  await page.waitForURL((url) => url.hash === AT);
  await page.evaluate("location.hash = '#3,0,50@2001-02-03'");
  await page
    .locator('#toast')
    .getByText(/does not reach back to .*2001/)
    .waitFor();
  await until('the oldest moment', ({ state, tiles }) => state === 'history' && tiles === 0);
});

// The list of commits is read every 3 s: a step back from a map that had just changed went back by two.
t.test('one step back from the live map is one commit, however new that is', async (t) => {
  const script = `const set = setInterval;
    window.setInterval = (work, every) => (every === 3000 ? 0 : set(work, every));`;
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#3,0,50', script });
  await until('the history', ({ commits }) => commits > 2);
  await write('wall', { '9,0': { brick: 'before.png' } });
  await write('wall', { '9,0': { brick: 'newest.png' } });
  const { revision } = await until('the change', ({ bricks }) => bricks['9,0'] === 'newest.png');
  await page.keyboard.press(',');
  const { shownRevision } = await until('the past', ({ bricks }) => bricks['9,0'] === 'before.png');
  t.equal(shownRevision, revision - 1);
  await write('wall', { '9,0': null });
});
