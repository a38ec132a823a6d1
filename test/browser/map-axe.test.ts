// What axe finds on the map page in its states, in both themes, on a desk and on a phone.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { accessible } from './axe.ts';
import { openMap, placeOf, screenshot } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
await send('PATCH', `${daemon.url}/compositors/wall/tiles`, {
  '0,0': { brick: 'one.png' },
  '1,0': { brick: 'two.png' },
});
await send('POST', `${daemon.url}/regions`, {
  compositor: 'wall',
  rect: '0,0,3,3',
  purpose: 'lobby',
  ttl: 3600,
});

const SCREENS = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

for (const theme of ['dark', 'light'] as const)
  for (const [name, size] of Object.entries(SCREENS))
    t.test(`${theme}, on a ${name}`, async (t) => {
      const { page, until } = await openMap(t, browser, daemon.url, { size });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      if ((await page.locator('html').getAttribute('data-theme')) !== theme)
        await page.locator('#theme').click();
      await until('tiles', ({ drawn }) => drawn > 0);
      const check = async (state: string) => {
        await accessible(t, page, state);
        await screenshot(page, `${state}-${theme}-${name}`);
      };
      await check('live');
      if (name === 'phone') await page.locator('#fold').click();
      await page.keyboard.press('?');
      await page.locator('#keys').waitFor({ state: 'visible' });
      await check('keys');
      await page.keyboard.press('Escape');
      await page.locator('#keys').waitFor({ state: 'hidden' });
      await page.locator('#search').fill('one');
      await page.locator('.hit').first().waitFor({ state: 'visible' });
      await check('search');
      await page.locator('#search').fill('none has this name');
      await page.locator('#hits .empty').waitFor({ state: 'visible' });
      await check('no-hits');
      await page.locator('#search').fill('');
      if (name === 'phone') await page.locator('#fold').click();

      const details = page.locator('#details');
      const opened = async (title: string, state: string) => {
        await details.getByRole('heading', { name: title, level: 2 }).waitFor();
        await check(state);
      };
      const { x, y } = placeOf(await until('page', () => true), 0, 0, size);
      await page.mouse.click(x, y);
      await opened('one.png', 'tile');
      await details.getByRole('button', { name: 'Wall' }).first().click();
      await opened('Wall', 'compositor');
      await page.keyboard.press('Escape');
      await details.waitFor({ state: 'hidden' });

      await page.locator('#slider').focus();
      await page.keyboard.press('ArrowLeft');
      await until('the past', ({ state, shownRevision }) => state === 'history' && shownRevision > 0);
      await check('past');
    });
