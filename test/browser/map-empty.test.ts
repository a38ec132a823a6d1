import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { build } from '../support/build.ts';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { tokenFor } from '../support/tokens.ts';
import { openMap, placeOf } from './map-page.ts';

const run = promisify(execFile);
const browser = (await startBrowser(t)).context.browser()!;

// An empty map said nothing at all.
t.test('an empty plane says what to type, and comes alive with the first tile', async (t) => {
  const daemon = await startDaemon(t);
  const map = await openMap(t, browser, daemon.url);
  const card = map.page.getByRole('region', { name: 'The plane is empty' });
  await card.waitFor();
  t.match(await card.innerText(), 'npm start -- --demo');
  t.equal(await card.getByRole('link').getAttribute('href'), `${daemon.url}/docs`);
  await map.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await card.getByRole('button', { name: 'Copy' }).click();
  await card.getByRole('button', { name: 'Copied' }).waitFor();
  const command = await map.page.evaluate<string>('navigator.clipboard.readText()');
  t.equal(command, await card.locator('code').first().innerText());
  t.notMatch(command, 'TOKEN', 'none is wanted here');

  await run('sh', ['-ec', command]);
  await card.waitFor({ state: 'hidden' });
  const first = await map.until('first tile', ({ drawn }) => drawn === 1);
  const { x, y } = placeOf(first, 0, 0);
  t.ok(x > 300 && x < 1000 && y > 0 && y < 700, `it is on the screen: ${x}, ${y}`);

  const further = { '40,0': { brick: 'b' }, '40,30': { brick: 'c' } };
  await send('PATCH', `${daemon.url}/compositors/wall/tiles`, further);
  const more = await map.until('all three', ({ drawn, camera }) => drawn === 3 && camera.x > 10);
  for (const [cx, cy] of [
    [0, 0],
    [40, 30],
  ] as const) {
    const place = placeOf(more, cx, cy);
    t.ok(
      place.x > 300 && place.x < 1000 && place.y > 0 && place.y < 700,
      `${cx},${cy}: ${place.x},${place.y}`,
    );
  }

  await send('DELETE', `${daemon.url}/compositors/wall`);
  await card.waitFor();
});

t.test('where a token is wanted, the command has a place for one', async (t) => {
  const eye = tokenFor('eye', ['read']);
  const { app } = await build(t, { settings: { auth: [eye.entry] } });
  const url = await app.listen();
  const { page, until } = await openMap(t, browser, url, {
    live: false,
    allow: /Failed to load resource: .* 401/,
  });
  await page.getByRole('dialog').getByLabel('Token').fill(eye.token);
  await page.keyboard.press('Enter');
  await until('map', ({ state }) => state === 'live');
  const card = page.getByRole('region', { name: 'The plane is empty' });
  await card.waitFor();
  t.match(await card.locator('code').first().innerText(), /(-H 'Authorization: Bearer TOKEN'[^]*){2}/);
});
