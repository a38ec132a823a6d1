// A history of more commits than the page reads at once: it begins with the newest five thousand.
import { join } from 'node:path';
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { writeLongHistory } from '../support/large-fleet.ts';
import { openMap, type MapState } from './map-page.ts';

const COUNT = 6500;

const browser = (await startBrowser(t)).context.browser()!;
const dir = await temporaryFolder(t);
await writeLongHistory(join(dir, 'store'), COUNT);
const daemon = await startDaemon(t, { dir });
const brick = ({ bricks }: MapState) => bricks['0,0'];
const isAt = (revision: number) => (state: MapState) =>
  state.state === 'history' && state.shownRevision === revision && brick(state) === `r${revision}.png`;

t.test('the slider reaches all of it: from its left end on there is more', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0,0,40' });
  await until('the newest commits', ({ commits }) => commits === 5000);
  const slider = page.locator('#slider');
  await slider.focus();
  await page.keyboard.press('Home');
  await until('the first that was known', isAt(COUNT - 4999));
  await until('older ones', ({ commits }) => commits === 6000);
  t.equal(await slider.inputValue(), '1000', 'the slider stays at the moment');
  await page.keyboard.press('ArrowLeft');
  await until('one before it', isAt(COUNT - 5000));
  await page.keyboard.press('Home');
  await until('all of it', ({ commits }) => commits === COUNT);
  await page.keyboard.press('Home');
  await until(
    'the beginning',
    ({ state, shownRevision, tiles }) => state === 'history' && shownRevision === 1 && tiles === 0,
  );
});

t.test('one steps back from now, and plays what is known to the end', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0,0,40' });
  await until('the newest commits', ({ commits }) => commits === 5000);
  await page.locator('#plane').focus();
  await page.keyboard.press(',');
  await until('one back', isAt(COUNT - 1));
  await page.keyboard.press('l');
  await until('now', ({ state }) => state === 'live');
  const speed = page.getByRole('button', { name: 'Playback speed' });
  while ((await speed.innerText()) !== '256×') await speed.click();
  await page.getByRole('button', { name: 'Play the history' }).click();
  await until(
    'a moment on the way',
    ({ state, shownRevision }) => state === 'history' && shownRevision > 2500,
  );
  await until('the end', (state) => state.state === 'live' && brick(state) === `r${COUNT}.png`);
});
