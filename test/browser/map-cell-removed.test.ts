// A tile that the daemon removed, because its owner's lease had ended, was "removed" under its owner's name: as if that had done it.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { openMap } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const { app, inject } = await build(t, { settings: { lease: { retention: 0.1 } } });
const url = await app.listen();

t.test('the history of a cell says that the daemon removed a tile, or its owner', async (t) => {
  for (const [id, ttl] of [
    ['gone', 1],
    ['tidy', 3600],
  ] as const) {
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id, ttl } });
    const cell = id === 'gone' ? '0,0' : '1,0';
    const path = `/compositors/${id}/tiles`;
    await inject({ method: 'PATCH', url: path, payload: { [cell]: { brick: 'a.png' } } });
    if (id === 'tidy') await inject({ method: 'PATCH', url: path, payload: { [cell]: null } });
  }
  const { page, until } = await openMap(t, browser, url, { hash: '#0.5,0.5,60!0,0' });
  await until('an empty cell', ({ tiles, commits }) => tiles === 0 && commits > 5);
  const panel = page.locator('#details');
  await panel.locator('.commit').nth(1).waitFor();
  t.strictSame(await panel.locator('.commit-what').allInnerTexts(), ['removed by the daemon', 'a.png']);
  await page.evaluate("location.hash = '#0.5,0.5,60!1,0'");
  await panel.getByText('Cell 1, 0').waitFor();
  await panel.locator('.commit-what').getByText('removed', { exact: true }).waitFor();
});
