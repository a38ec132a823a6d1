// Each state of the page over a small map: what axe finds in it, and pictures of it (.tap/screenshots).
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { NETWORK } from './one-brick.ts';
import { close, fold, goTo, showStates, unfold, type Stage } from './page-states.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t, {
  args: [
    ...['--connect-allow=loopback', '--connect-interval=0.2', '--connect-failures=1'],
    '--lease-retention=3600',
  ],
});
const put = (id: string, body: object) =>
  send('PUT', `${daemon.url}/compositors/${id}`, { ttl: 3600, ...body });
const patch = (id: string, tiles: object) => send('PATCH', `${daemon.url}/compositors/${id}/tiles`, tiles);

/** Tiles of a compositor, side by side. */
function block(id: string, x: number, y: number, wide: number, high: number) {
  const cells = Array.from({ length: wide * high }, (_, i) => [x + (i % wide), y + Math.floor(i / wide)]);
  return Object.fromEntries(cells.map(([x, y], i) => [`${x},${y}`, { brick: `${id}-${i % 23}.rts.png` }]));
}

const peers = { wall: await HttpPeer.start(t), lamp: await HttpPeer.start(t) };
peers.lamp.health = 503;
const endpointOf = ({ target: { protocol, address, port } }: HttpPeer) => ({ protocol, address, port });
const COMMANDS = {
  reload: { method: 'POST', path: '/api/reload' },
  'terminal.resize': { method: 'POST', path: '/api/terminal/{id}/resize' },
};
await put('wall', {
  ...{ name: 'Lobby wall', platform: 'linux', version: '2.1.0', labels: { room: 'lobby' } },
  ...{ capabilities: ['tiles'], commands: COMMANDS, ...endpointOf(peers.wall) },
});
await put('lamp', { name: 'Lamp', ...endpointOf(peers.lamp) });
await put('desk', { name: 'Desk of the reception' });
await put('kiosk', { name: 'Kiosk' });
await put('door', { name: 'Door', ttl: 1 });
await patch('wall', block('wall', 0, 0, 12, 8));
await patch('desk', block('desk', 0, 10, 8, 3));
await patch('kiosk', block('kiosk', 19, 2, 4, 6));
await patch('lamp', block('lamp', 11, 10, 5, 4));
await patch('door', block('door', 14, 0, 3, 6));
await patch('kiosk', { '0,0': { brick: 'poster.png' } });
await patch('wall', { '0,0': { brick: 'clock.png' }, '5,3': null });
await send('POST', `${daemon.url}/regions`, {
  ...{ compositor: 'wall', rect: '-2,-2,12,8', purpose: 'the lobby', ttl: 3600, exclusive: true },
});

const MIDDLE = '#11,6,40';
const details = ({ page }: Stage) => page.locator('#details');
const opened = (stage: Stage, title: string) =>
  details(stage).getByRole('heading', { name: title, level: 2 }).waitFor();
const row = ({ page }: Stage, name: RegExp) => page.locator('#compositors').getByRole('button', { name });

t.test('a small map', (t) =>
  showStates(t, browser, { url: daemon.url, allow: NETWORK }, [
    {
      name: 'first-look',
      reach: ({ until }) => until('the tiles', ({ drawn, regions }) => drawn > 150 && regions === 1),
    },
    {
      name: 'pulses',
      reach: async ({ page }) => {
        await page.emulateMedia({ reducedMotion: 'no-preference' });
        // Rings last for a second and a half, and a picture takes as long on a busy machine.
        await page.evaluate(`{
        const now = performance.now.bind(performance);
        const began = now();
        performance.now = () => began + (now() - began) / 5;
        globalThis.onTime = () => (performance.now = now);
      }`);
      },
      moment: async ({ until, state }) => {
        const { pulses } = await state();
        const brick = `pulse-${Date.now()}.png`;
        const changes = { wall: ['3,3', '5,3'], desk: ['1,11'], kiosk: ['20,4', '21,6'] };
        for (const [id, cells] of Object.entries(changes))
          await patch(id, Object.fromEntries(cells.map((cell) => [cell, { brick }])));
        await until('rings', (now) => now.pulses >= pulses + 5);
        const seen = (await state()).rendered;
        await until('that they widen', ({ rendered }) => rendered > seen + 5);
      },
    },
    {
      name: 'zoomed-out',
      reach: async (stage) => {
        await stage.page.evaluate('onTime()');
        await stage.page.emulateMedia({ reducedMotion: 'reduce' });
        await goTo(stage, '#11,6,1.5');
        await stage.until('squares', ({ level, drawn }) => level > 0 && drawn > 0);
      },
    },
    {
      name: 'empty-screen',
      reach: async (stage) => {
        await goTo(stage, '#5000,9000,40');
        await stage.page
          .locator('#nothing-here')
          .getByText(/ tiles elsewhere/)
          .waitFor();
      },
    },
    {
      name: 'tile',
      reach: async (stage) => {
        const state = await goTo(stage, MIDDLE);
        await stage.until('the tiles', ({ bricks }) => '0,0' in bricks);
        const { x, y } = stage.placeOf(state, 6, 5);
        await stage.page.mouse.click(x, y);
        await details(stage).getByText('Tile at 6, 5').waitFor();
        await stage.page.evaluate("location.hash = '#0.5,3.5,40!0,0'");
        await opened(stage, 'clock.png');
        await details(stage).getByText('Before that, the cell was empty.').waitFor();
      },
    },
    {
      name: 'compositor-healthy',
      reach: async (stage) => {
        await details(stage).getByRole('button', { name: 'Lobby wall' }).first().click();
        await opened(stage, 'Lobby wall');
        await details(stage).locator('.condition[data-tone=good]').waitFor();
        await details(stage).getByLabel('Command').waitFor();
        await details(stage).locator('.commit').first().waitFor();
      },
    },
    {
      name: 'compositor-healthy-below',
      reach: (stage) => details(stage).getByText('Its last commits').scrollIntoViewIfNeeded(),
    },
    {
      name: 'compositor-red',
      reach: async (stage) => {
        await close(stage);
        await unfold(stage);
        await row(stage, /^Lamp/).click();
        await opened(stage, 'Lamp');
        await details(stage).locator('.condition[data-tone=bad]', { hasText: 'Disconnected' }).waitFor();
        await details(stage).getByText(/503/).first().waitFor();
      },
    },
    {
      name: 'only-one',
      reach: async (stage) => {
        await details(stage).getByRole('button', { name: 'Only this one' }).click();
        await details(stage).getByRole('button', { name: 'Follow' }).click();
        await stage.page.locator('#attention').getByText('Following').waitFor();
        await stage.until('only its tiles', ({ tiles }) => tiles === 20);
      },
    },
    {
      name: 'region',
      reach: async (stage) => {
        const { page, until } = stage;
        await page.locator('#attention').getByRole('button', { name: 'Stop' }).click();
        await page.locator('#attention').getByRole('button', { name: 'Show all' }).click();
        await close(stage);
        await fold(stage);
        const state = await goTo(stage, '#3,4,24');
        await until('the region', ({ regions, tiles }) => regions === 1 && tiles > 100);
        const { x, y } = stage.placeOf(state, -1, 3);
        await page.mouse.click(x, y);
        await opened(stage, 'the lobby');
        // Else the tip of a tile that has come below the pointer lies over it.
        await page.mouse.move(2, 400);
        await details(stage).locator('.share').first().waitFor();
      },
    },
    {
      name: 'search-hits',
      reach: async (stage) => {
        await close(stage);
        await unfold(stage);
        await stage.page.locator('#search').fill('wall');
        await stage.page.locator('#hits .empty', { hasText: /^30 of/ }).waitFor();
      },
    },
    {
      name: 'search-none',
      reach: async ({ page }) => {
        await page.locator('#search').fill('none has this name');
        await page.locator('#hits .empty', { hasText: 'Nothing has that name' }).waitFor();
      },
    },
    {
      name: 'list-filtered',
      reach: async (stage) => {
        const { page } = stage;
        await page.locator('#search').fill('');
        await goTo(stage, MIDDLE);
        await page
          .locator('#states')
          .getByRole('button', { name: /disconnected$/ })
          .click();
        await row(stage, /^Kiosk/).waitFor({ state: 'detached' });
      },
    },
    {
      name: 'keys',
      reach: async (stage) => {
        await stage.page.locator('#states').getByRole('button', { pressed: true }).click();
        await fold(stage);
        await stage.page.locator('#plane').focus();
        await stage.page.keyboard.press('?');
        await stage.page.locator('#keys').waitFor();
      },
    },
    {
      name: 'past',
      reach: async (stage) => {
        const { page, until } = stage;
        await page.keyboard.press('Escape');
        await page.locator('#keys').waitFor({ state: 'hidden' });
        await page.locator('#plane').focus();
        const { revision } = await until('the history', ({ commits }) => commits > 8);
        for (let i = 0; i < 6; i++) await page.keyboard.press(',');
        await until(
          'the past',
          ({ state, shownRevision }) => state === 'history' && shownRevision <= revision - 6,
        );
      },
    },
    {
      name: 'comparison',
      reach: async ({ page, until }) => {
        await page.keyboard.press('c');
        await page
          .locator('#comparison-counts')
          .getByText(/changed/)
          .waitFor();
        await until('marks', ({ marks }) => marks > 0);
      },
    },
    {
      name: 'daemon-away',
      before: () => daemon.stop('SIGKILL'),
      reach: async (stage) => {
        const { page } = stage;
        await page.keyboard.press('Escape');
        await page.keyboard.press('l');
        await page.locator('#comparison').waitFor({ state: 'hidden' });
        await page
          .locator('#status')
          .filter({ hasText: /Offline.*last known map/s })
          .waitFor();
      },
    },
  ]),
);
