// States that need a daemon of their own: what axe finds in them, and pictures of them (.tap/screenshots).
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startRedis } from '../support/redis-server.ts';
import { tokenFor } from '../support/tokens.ts';
import { isThere, write } from './one-brick.ts';
import { showStates } from './page-states.ts';

const browser = (await startBrowser(t)).context.browser()!;

/** More tiles than are read one by one: two walls side by side, the right one with gaps. */
async function writeTwoWalls(url: string): Promise<void> {
  const side = 200;
  for (const [id, name] of [
    ['left', 'Left wall'],
    ['right', 'Right wall'],
  ] as const) {
    await send('PUT', `${url}/compositors/${id}`, { name, ttl: 3600 });
    for (let y = 0; y < side; y += 50) {
      const cells = Array.from({ length: (side / 2) * 50 }, (_, i): [number, number] => [
        (id === 'left' ? 0 : side / 2) + (i % (side / 2)),
        y + Math.floor(i / (side / 2)),
      ]);
      const isTaken = ([x, y]: [number, number]) => id === 'left' || (x * 7 + y * 3) % 11 < 9 - y / 40;
      const tiles = cells
        .filter(isTaken)
        .map(([x, y]) => [`${x},${y}`, { brick: `brick-${(x * y) % 97}.png` }]);
      await send('PATCH', `${url}/compositors/${id}/tiles`, Object.fromEntries(tiles));
    }
  }
}

t.test('a large map from afar', async (t) => {
  const { url } = await startDaemon(t);
  await writeTwoWalls(url);
  await showStates(t, browser, { url, hash: '#100,100,2' }, [
    {
      name: 'areas',
      reach: ({ until }) => until('areas', ({ zoom, drawn, tiles }) => zoom > 0 && drawn > 0 && tiles === 0),
    },
    {
      name: 'area',
      reach: async ({ page, state, placeOf }) => {
        const { x, y } = placeOf(await state(), 98, 50);
        await page.mouse.click(x, y);
        const details = page.locator('#details');
        await details.getByText('Area of the plane').waitFor();
        await details.locator('.share').first().waitFor();
      },
    },
  ]);
});

t.test('an empty plane', async (t) => {
  const { url } = await startDaemon(t);
  await showStates(t, browser, { url }, [
    {
      name: 'empty-plane',
      reach: ({ page }) => page.getByRole('region', { name: 'The plane is empty' }).waitFor(),
    },
  ]);
});

t.test('a link to what was trimmed', async (t) => {
  const { url } = await startDaemon(t, { args: ['--history-commits=3', '--history-seconds=0'] });
  const cursors: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'last.png']) {
    await write(url, name);
    cursors.push(String((await send('GET', `${url}/manifest?view=0,0,0,0`)).body.cursor));
  }
  await showStates(t, browser, { url, hash: `#0,0,40@${cursors[0]}`, live: false, allow: /status of 410/ }, [
    {
      name: 'trimmed-link',
      reach: ({ page }) =>
        page
          .locator('#toast')
          .getByText(/ is no longer in the history/)
          .waitFor(),
    },
  ]);
});

t.test('a daemon that wants a token', async (t) => {
  const eye = tokenFor('eye', ['read']);
  const { app } = await build(t, { settings: { auth: [eye.entry] } });
  const url = await app.listen();
  await showStates(t, browser, { url, live: false, allow: /Failed to load resource: .* 401/ }, [
    {
      name: 'sign-in',
      reach: ({ page }) => page.getByRole('dialog', { name: 'This map requires a token' }).waitFor(),
    },
    {
      name: 'sign-in-denied',
      reach: async ({ page }) => {
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Token').fill('cmp_not-this-one');
        await dialog.getByRole('button', { name: 'Show the map' }).click();
        await dialog.getByText('does not take this token').waitFor();
      },
    },
  ]);
});

t.test('a store that takes no writes, and one that is away', async (t) => {
  const redis = await startRedis(t);
  const { url } = await startDaemon(t, { store: redis.url });
  await write(url, 'one.png');
  const status = /Read-only.*The store takes no writes/s;
  await showStates(t, browser, { url, hash: '#0,0,40' }, [
    {
      name: 'read-only',
      before: () => redis.client().config('SET', 'min-replicas-to-write', '1'),
      reach: async (stage) => {
        await isThere(stage, 'one.png');
        await stage.page.locator('#status').filter({ hasText: status }).waitFor();
      },
    },
    {
      name: 'store-away',
      before: () => redis.stop(),
      reach: ({ page }) =>
        page
          .locator('#status')
          .filter({ hasText: /Store away.*cannot reach its store/s })
          .waitFor(),
    },
  ]);
});
