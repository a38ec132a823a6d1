import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, screenshot } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);

t.test('regions have an outline and say whose they are and what for, as they come and go', async (t) => {
  await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  await send('PATCH', `${daemon.url}/compositors/wall/tiles`, { '5000,5000': { brick: 'a.png' } });
  const reserve = (rect: string, more: object) =>
    send('POST', `${daemon.url}/regions`, { compositor: 'wall', rect, ttl: 3600, ...more });
  const lobby = await reserve('4998,4998,5003,5001', { purpose: 'the lobby', exclusive: true });
  t.equal(lobby.status, 201);
  const { page, until } = await openMap(t, browser, daemon.url, { hash: '#5000,5000,50' });
  await until('the region', ({ regions }) => regions === 1);
  const outline = page.locator('.region:visible');
  await outline.getByText('wall: the lobby').waitFor();
  t.match(await outline.getAttribute('class'), 'exclusive');
  const { width, height } = (await outline.boundingBox())!;
  t.same([width, height], [6 * 50, 4 * 50], 'around its cells');
  await screenshot(page, 'regions');

  t.equal((await reserve('5005,4996,5007,4997', { purpose: '', exclusive: false })).status, 201);
  await until('the second', ({ regions }) => regions === 2);
  await page.locator('.region:not(.exclusive)').getByText('wall', { exact: true }).waitFor();
  // From afar there was a letter of it in a box of ten pixels.
  await page.evaluate("location.hash = '#5000,5000,4'");
  await until('flight', ({ camera }) => camera.zoom === 4);
  await outline.first().waitFor();
  t.equal(await page.locator('.region-text:visible').count(), 0, 'too small for words');
  await page.evaluate("location.hash = '#5000,5000,50'");
  await until('flight back', ({ camera }) => camera.zoom === 50);
  await outline.getByText('wall: the lobby').waitFor();
  await send('DELETE', `${daemon.url}/regions/${lobby.body.id}`);
  await until('the first to go', ({ regions }) => regions === 1);
});
