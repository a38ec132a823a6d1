import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, screenshot, type MapState } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const patch = (tiles: object) => send('PATCH', `${daemon.url}/compositors/wall/tiles`, tiles);

t.test('back in time, and to now again', async (t) => {
  await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  const commits = 5;
  for (let i = 1; i <= commits; i++) await patch({ '5000,5000': { brick: `state-${i}.png` } });
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#5000,5000,50' });
  const brick = ({ bricks }: MapState) => bricks['5000,5000'];
  const { revision } = await until(
    'last state and history',
    (state) => brick(state) === 'state-5.png' && state.commits > 5,
  );
  const slider = page.getByRole('slider', { name: 'Revision shown' });
  await slider.focus();
  await slider.press('ArrowLeft');
  const before = await until(
    'the history',
    (state) => state.state === 'history' && brick(state) === 'state-4.png',
  );
  t.equal(before.shownRevision, revision - 1);
  t.match(await slider.getAttribute('aria-valuetext'), `r${revision - 1} · `, 'told to screen readers, too');
  await slider.press('ArrowLeft');
  await until('a step further', (state) => brick(state) === 'state-3.png');

  await patch({ '5000,5000': { brick: 'state-6.png' }, '5001,5000': { brick: 'beside.png' } });
  await until('news of it', (state) => state.revision > revision);
  t.equal(brick(await until('page', () => true)), 'state-3.png', 'the past stays as it was');
  await screenshot(page, 'past');
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await until('now', (state) => state.state === 'live' && brick(state) === 'state-6.png');
  t.equal((await until('page', () => true)).bricks['5001,5000'], 'beside.png');
});
