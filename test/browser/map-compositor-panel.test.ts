import t from 'tap';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { tokenFor } from '../support/tokens.ts';
import { openMap, screenshot } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const operator = tokenFor('operator', ['command']);
const wall = tokenFor('wall', ['write', 'read', 'connect']);
const { app, inject } = await build(t, {
  settings: {
    auth: [operator.entry, wall.entry],
    // Whoever has no token may read.
    anonymous: ['read'],
    connect: { interval: 0.2, retry: { min: 0.1, max: 0.2 }, failures: 1 },
  },
} as object);
const url = await app.listen();
const write = async (method: 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object) =>
  inject({ method, url: path, headers: wall.headers, ...(payload && { payload }) });
const panelOf = (page: Page) => page.locator('#details');
/** Its row in the list. */
const rowOf = (page: Page, name: string) =>
  page.locator('#panel').getByRole('button', { name: new RegExp(`^${name} `) });
const COMMANDS = {
  'terminal.resize': { method: 'POST', path: '/api/terminal/{id}/resize' },
  reload: { method: 'POST', path: '/api/reload' },
};

t.test('a compositor: how it is, what it can be told, and why it turns red', async (t) => {
  const peer = await HttpPeer.start(t);
  peer.onRequest = (request, response) => response.end(JSON.stringify({ asked: request.url }));
  const { protocol, address, port } = peer.target;
  await write('PUT', '/compositors/wall', {
    ...{ name: 'Wall', protocol, address, port, ttl: 3600, platform: 'linux', version: '2.1.0' },
    ...{ labels: { room: 'lobby' }, capabilities: ['tiles'], commands: COMMANDS },
  });
  await write('PATCH', '/compositors/wall/tiles', { '0,0': { brick: 'a.png' }, '1,0': { brick: 'b.png' } });
  const { page, until } = await openMap(t, browser, url, {
    hash: '#500,500,40',
    // Without a token, with the wrong one, and of a compositor that has just left.
    allow: /Failed to load resource: .* 40[134]/,
  });
  await rowOf(page, 'Wall').click();
  await until('flight to its tiles', ({ camera }) => camera.x < 20);
  const panel = panelOf(page);
  await panel.getByRole('heading', { name: 'Wall' }).waitFor();
  await panel.locator('.condition[data-tone=good]', { hasText: 'Connected' }).waitFor();
  await panel.getByText('2 tiles', { exact: true }).waitFor();
  await panel.getByText(/ms$/).waitFor();
  await panel.getByRole('link', { name: 'Its own page' }).waitFor();
  await panel.getByText(/left of 60 min$/).waitFor();
  await panel.getByText(`the daemon connects to http://${address}:${port}`).waitFor();
  await panel.getByText('linux, 2.1.0').waitFor();
  await panel.getByText('room=lobby').waitFor();
  await panel.locator('.fact').filter({ hasText: 'fps' }).getByText('60').waitFor();
  await panel.getByText(/^r\d+ · 2 tiles$/).waitFor();

  // Whoever has no token for it is told so, and may give one.
  await panel.getByLabel('Command').selectOption('terminal.resize');
  await panel.getByRole('button', { name: 'Run' }).click();
  await panel.getByRole('alert').getByText('id is needed').waitFor();
  await panel.getByLabel('id', { exact: true }).fill('7');
  await panel.getByLabel('Parameters, as JSON').fill('{"rows": 24}');
  await panel.getByRole('button', { name: 'Run' }).click();
  await panel.getByRole('alert').getByText('Commands need a token with the scope command.').waitFor();
  await panel.getByLabel('Token').fill(wall.token);
  await panel.getByRole('button', { name: 'Run' }).click();
  await panel
    .getByRole('alert')
    .getByText(/^This token may not/)
    .waitFor();
  await screenshot(page, 'compositor-denied');
  await panel.getByLabel('Token').fill(operator.token);
  await page.keyboard.press('Enter');
  await panel.getByText(/^Done in/).waitFor();
  await panel.locator('pre').getByText('/api/terminal/7/resize').waitFor();
  await panel.getByLabel('Command').selectOption('reload');
  await panel.getByLabel('Parameters, as JSON').fill('{');
  await panel.getByRole('button', { name: 'Run' }).click();
  await panel
    .getByRole('alert')
    .getByText(/^The JSON is no JSON/)
    .waitFor();
  await panel.getByLabel('Parameters, as JSON').fill('');
  await panel.getByRole('button', { name: 'Run' }).click();
  await panel.locator('pre').getByText('/api/reload').waitFor();
  await screenshot(page, 'compositor-panel');

  // Its failure and its end show while the panel is open.
  peer.health = 503;
  await panel.locator('.condition[data-tone=bad]', { hasText: 'Disconnected' }).waitFor();
  await panel.getByText(/cannot reach it at http:.*503/).waitFor();
  // It led to an error as JSON.
  t.equal(await panel.getByRole('link', { name: 'Its own page' }).isVisible(), false);
  await screenshot(page, 'compositor-red');
  await write('DELETE', '/compositors/wall');
  await panel.getByText('It is not registered any more').waitFor();
  t.equal(await panel.getByLabel('Command').isVisible(), false);
});

t.test('only one compositor is shown, until all are again', async (t) => {
  for (const id of ['one', 'two']) {
    await write('PUT', `/compositors/${id}`, { name: id.toUpperCase(), ttl: 3600 });
    const y = id === 'one' ? 0 : 2;
    await write('PATCH', `/compositors/${id}/tiles`, { [`3000,${y}`]: { brick: `${id}.png` } });
  }
  const { page, until } = await openMap(t, browser, url, { hash: '#3000.5,1.5,40' });
  await until('both', ({ tiles }) => tiles === 2);
  await rowOf(page, 'ONE').click();
  const panel = panelOf(page);
  await panel.getByRole('button', { name: 'Only this one' }).click();
  await until('one', ({ bricks }) => JSON.stringify(Object.keys(bricks)) === '["3000,0"]');
  t.equal(await panel.getByRole('button', { name: 'Only this one', pressed: true }).count(), 1);
  await page.locator('#attention').getByText('ONE').waitFor();
  await write('PATCH', '/compositors/two/tiles', { '3001,2': { brick: 'hidden.png' } });
  await write('PATCH', '/compositors/one/tiles', { '3001,0': { brick: 'seen.png' } });
  const { bricks } = await until('its new tile', ({ bricks }) => '3001,0' in bricks);
  t.equal(Object.keys(bricks).length, 2, 'and no other');
  // Those that are hidden are listed as they are.
  await rowOf(page, 'TWO').waitFor();
  await write('DELETE', '/compositors/two');
  await rowOf(page, 'TWO').waitFor({ state: 'detached' });
  await screenshot(page, 'only-one');

  await write('PUT', '/compositors/three', { name: 'THREE', ttl: 3600 });
  await write('PATCH', '/compositors/three/tiles', { '3000,2': { brick: 'three.png' } });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await until('all', ({ bricks }) => '3000,2' in bricks && '3001,0' in bricks);
  t.equal(await page.locator('#attention').isVisible(), false);
});

t.test('the camera follows what a compositor changes, anywhere, until the map is moved', async (t) => {
  await write('PUT', '/compositors/rover', { name: 'Rover', ttl: 3600 });
  await write('PATCH', '/compositors/rover/tiles', { '0,-400': { brick: 'start.png' } });
  const { page, until, requests } = await openMap(t, browser, url, { hash: '#0.5,-399.5,40' });
  await rowOf(page, 'Rover').click();
  const poll = page.waitForRequest(/manifest\/changes\?compositor=rover/);
  await panelOf(page).getByRole('button', { name: 'Follow' }).click();
  await poll;
  await write('PATCH', '/compositors/rover/tiles', { '7000,7000': { brick: 'there.png' } });
  await until(
    'flight there',
    ({ camera }) => Math.abs(camera.x - 7000) < 20 && Math.abs(camera.y - 7000) < 20,
  );
  await write('PATCH', '/compositors/rover/tiles', { '-7000,0': { brick: 'back.png' } });
  await until('flight back', ({ camera }) => Math.abs(camera.x + 7000) < 20);
  t.ok(requests.some((each) => each.includes('/manifest/changes?')));
  await page.locator('#attention').getByText('Rover').waitFor();
  await page.mouse.move(400, 500);
  await page.mouse.wheel(0, 100);
  await page.locator('#attention').waitFor({ state: 'hidden' });
});
