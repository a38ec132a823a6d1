// A page whose clock is a day ahead of the daemon's, or behind it: leases, ages and times are by that of the daemon.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap } from './map-page.ts';

const DAY = 86_400_000;
const RECENTLY = /^(now|\d+ s ago|\d min ago)\b/;

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
const write = (brick: string) =>
  send('PATCH', `${daemon.url}/compositors/wall/tiles`, { '0,0': { brick }, '1,0': { brick: 'beside.png' } });
await write('first.png');
await write('second.png');
await send('POST', `${daemon.url}/regions`, {
  ...{ compositor: 'wall', rect: '5,0,8,3', purpose: 'lobby', ttl: 3600, exclusive: false },
});

for (const [word, skew] of [
  ['ahead', DAY],
  ['behind', -DAY],
] as const)
  t.test(`a day ${word}`, async (t) => {
    const script = `
      const Real = Date;
      globalThis.Date = class extends Real {
        constructor(...all) { super(...(all.length > 0 ? all : [Real.now() + ${skew}])); }
        static now() { return Real.now() + ${skew}; }
      };`;
    const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,40', script });
    await until('the tiles', ({ tiles, commits }) => tiles === 2 && commits > 3);
    const details = page.locator('#details');
    const fact = (name: string) => details.locator('.fact').filter({ hasText: name }).locator('dd');

    const row = page.locator('#compositors').getByRole('button', { name: /^Wall/ });
    await row.filter({ hasText: /lease (5\d|60) min/ }).waitFor();
    const share = await page.evaluate<string>(
      "document.querySelector('#compositors .lease').style.getPropertyValue('--share')",
    );
    t.ok(Number(share) > 0.8, `what is left of the lease: ${share}`);
    await row.click();
    await fact('Lease')
      .filter({ hasText: /^(5\d|60) min left of 60 min$/ })
      .waitFor();
    t.match(await fact('Registered').innerText(), RECENTLY);
    await details.locator('.commit-when').first().waitFor();
    for (const age of await details.locator('.commit-when').allInnerTexts()) t.match(age, RECENTLY);

    await page.evaluate("location.hash = '#0.5,0.5,40!0,0'");
    await details.getByRole('heading', { name: 'second.png' }).waitFor();
    await fact('Owned since')
      .filter({ hasText: /ago|now/ })
      .waitFor();
    for (const name of ['Owned since', 'Tile dated']) t.match(await fact(name).innerText(), RECENTLY, name);

    await page.keyboard.press('Escape');
    await page.locator('#plane').focus();
    await page.evaluate("location.hash = '#6.5,1.5,40'");
    await until('the region', ({ camera, regions }) => camera.x > 6 && regions === 1);
    await page.mouse.click(500, 350);
    await details.getByRole('heading', { name: 'lobby' }).waitFor();
    await fact('Lease')
      .filter({ hasText: /^(5\d|60) min left$/ })
      .waitFor();

    await page.keyboard.press('Escape');
    await page.keyboard.press(',');
    await until('the past', ({ state, shownRevision }) => state === 'history' && shownRevision > 0);
    const time = page.locator('#history-time');
    // With a day in it when the commit is not of today, by the daemon's clock.
    const isToday = await page.evaluate<boolean>(
      `new Date(Date.now() - ${skew}).toDateString() === new Date(Date.now() - ${skew} - 60000).toDateString()`,
    );
    if (isToday) t.match(await time.innerText(), /^\d+:\d\d:\d\d/, 'no other day');
  });
