import t from 'tap';
import { build } from '../support/build.ts';
import { startBrowser } from '../support/browser.ts';
import { tokenFor } from '../support/tokens.ts';
import { openMap } from './map-page.ts';

t.test('a daemon that wants a token: the page asks for one', async (t) => {
  const eye = tokenFor('eye', ['read']);
  const wall = tokenFor('wall', ['write']);
  const { app, inject } = await build(t, { settings: { auth: [eye.entry, wall.entry] } });
  const url = await app.listen();
  const { headers } = wall;
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 }, headers });
  const tiles = { '0,0': { brick: 'secret.png' } };
  await inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: tiles, headers });

  const browser = (await startBrowser(t)).context.browser()!;
  const { page, until, requests } = await openMap(t, browser, url, {
    hash: '#0,0,40',
    live: false,
    allow: /Failed to load resource: .* 401/,
  });
  const dialog = page.getByRole('dialog', { name: 'This map requires a token' });
  await dialog.waitFor();
  t.equal((await until('page', () => true)).tiles, 0, 'nothing is shown');
  await dialog.getByLabel('Token').fill('cmp_not-this-one');
  await dialog.getByRole('button', { name: 'Show the map' }).click();
  await dialog.getByText('does not take this token').waitFor();
  await dialog.getByLabel('Token').fill(eye.token);
  await page.keyboard.press('Enter');
  await until('map', ({ state, bricks }) => state === 'live' && bricks['0,0'] === 'secret.png');
  t.equal(await dialog.isVisible(), false);
  t.equal(await page.evaluate('document.cookie'), '', 'no script can read the token');
  t.notOk(
    requests.some((each) => each.includes(eye.token)),
    'and no address holds it',
  );
});
