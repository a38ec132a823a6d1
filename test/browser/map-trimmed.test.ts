import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, screenshot, type MapState } from './map-page.ts';
import { NETWORK } from './one-brick.ts';

const browser = (await startBrowser(t)).context.browser()!;
/** What the browser says of a moment that is gone. */
const GONE = /status of 410/;
const brick = ({ bricks }: MapState) => bricks['0,0'];

/** A daemon with an empty store, and how to write its one tile: returns the cursor. */
async function start(t: Parameters<typeof startDaemon>[0], options: Parameters<typeof startDaemon>[1]) {
  const daemon = await startDaemon(t, options);
  await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  const write = async (name: string) =>
    String(
      (await send('PATCH', `${daemon.url}/compositors/wall/tiles`, { '0,0': { brick: name } })).body.cursor,
    );
  return { ...daemon, write };
}

t.test('a link to a moment that was trimmed says so, and shows the live map', async (t) => {
  const { url, write } = await start(t, { args: ['--history-commits=3', '--history-seconds=0'] });
  const first = await write('first.png');
  for (const name of ['b', 'c', 'd', 'last.png']) await write(name);
  const { page, until } = await openMap(t, browser, url, {
    hash: `#0,0,40@${first}`,
    live: false,
    allow: GONE,
  });
  await until('the live map', (state) => state.state === 'live' && brick(state) === 'last.png');
  await page
    .locator('#toast')
    .getByText(/^r2 is no longer in the history, which begins at r\d+.* This is the live map\.$/)
    .waitFor();
  await screenshot(page, 'past-trimmed');
  await page.waitForURL((address) => address.hash === '#0,0,40');
});

t.test(
  'a moment that is trimmed while one looks at it stays, until something else is wanted of it',
  async (t) => {
    const { url, write } = await start(t, { args: ['--history-commits=4', '--history-seconds=0'] });
    for (const name of ['a', 'b', 'c']) await write(name);
    const { page, until } = await openMap(t, browser, url, { hash: '#0,0,40', allow: GONE });
    await until('the history', (state) => brick(state) === 'c' && state.commits === 4);
    await page.getByRole('button', { name: 'One commit back' }).click();
    await until('the past', (state) => state.state === 'history' && brick(state) === 'b');
    for (const name of ['d', 'e', 'f', 'g', 'h', 'i']) await write(name);
    await until('news of it', ({ revision }) => revision === 10);
    t.match(await until('page', () => true), { state: 'history', bricks: { '0,0': 'b' } });
    await page.evaluate("location.hash = '#4000,0,40' + location.hash.replace(/^[^@]*/, '')");
    await page
      .locator('#toast')
      .getByText(/^r3 is no longer in the history/)
      .waitFor();
    await until('the live map', ({ state }) => state === 'live');
  },
);

// It stayed without a word, with both step buttons dead: also when the browser had kept it.
t.test('a moment that was trimmed and is on the page says so, and leads to the oldest one', async (t) => {
  const former = await start(t, {});
  for (const name of ['a', 'b', 'c']) await former.write(name);
  const { page, until } = await openMap(t, browser, former.url, {
    hash: '#0,0,40',
    allow: new RegExp(`${GONE.source}|${NETWORK.source}`),
  });
  await until('the history', (state) => brick(state) === 'c' && state.commits === 4);
  await page.getByRole('button', { name: 'One commit back' }).click();
  await until('the past', (state) => state.state === 'history' && brick(state) === 'b');
  const hash = await page.evaluate<string>('location.hash');
  await former.stop();
  await page.evaluate("location.hash = '#4000,0,40' + location.hash.replace(/^[^@]*/, '')");
  const toast = page.locator('#toast');
  await toast.getByText('The daemon does not answer; it is tried again.').waitFor();
  await page.evaluate(`location.hash = '${hash}'`);

  const args = ['--history-commits=5', '--history-seconds=0'];
  const { write } = await start(t, { dir: former.dir, port: former.port, args });
  for (const name of 'defghijk') await write(name);
  const gone = toast.getByText(/^r3 is no longer in the history, which begins at r\d+, [^.]*\.$/);
  await gone.waitFor({ state: 'attached' });
  t.match(await until('page', () => true), { state: 'history', bricks: { '0,0': 'b' } });
  await page.reload();
  await gone.waitFor({ state: 'attached' });
  t.match(await until('what the browser kept', (state) => brick(state) === 'b'), { state: 'history' });
  const begins = Number(/begins at r(\d+)/.exec(await toast.innerText())![1]);
  await page.getByRole('button', { name: 'One commit on' }).click();
  await until('the oldest one', ({ shownRevision }) => shownRevision === begins + 1);
  t.match(await until('page', () => true), { state: 'history' });
});

t.test('after the daemon has started over, a link to its former history says so', async (t) => {
  const former = await start(t, {});
  const cursor = await former.write('former.png');
  const map = await openMap(t, browser, former.url, {
    hash: `#0,0,40@${cursor}`,
    live: false,
    allow: new RegExp(`${GONE.source}|${NETWORK.source}`),
  });
  await map.until('the past', (state) => state.state === 'history' && brick(state) === 'former.png');
  await former.stop();
  const { write } = await start(t, { port: former.port });
  await write('other.png');
  await map.until('the other history', ({ revision, commits }) => revision === 2 && commits === 2);
  t.equal(brick(await map.until('page', () => true)), 'former.png', 'what is shown is still true');
  await map.page.evaluate("location.hash = '#4000,0,40' + location.hash.replace(/^[^@]*/, '')");
  await map.page
    .locator('#toast')
    .getByText(/^r2 is of another history: this daemon has started over/)
    .waitFor();
  await map.until('the live map', ({ state }) => state === 'live');
  await map.page.evaluate("location.hash = '#0,0,40'");
  await map.until('its tile', (state) => brick(state) === 'other.png');
});

t.test(
  'with a history of one commit there is nothing to go back to, and the page says nothing else',
  async (t) => {
    const { url, write } = await start(t, { args: ['--history-commits=1', '--history-seconds=0'] });
    for (const name of ['a', 'b', 'c']) await write(name);
    const { page, until } = await openMap(t, browser, url, { hash: '#0,0,40' });
    await until('the history', (state) => brick(state) === 'c' && state.commits === 1);
    t.ok(await page.getByRole('slider', { name: 'Revision shown' }).isDisabled());
    t.ok(await page.getByRole('button', { name: 'One commit back' }).isDisabled());
    await page.getByRole('button', { name: 'Play the history' }).click();
    t.equal((await until('page', () => true)).state, 'live');
  },
);
