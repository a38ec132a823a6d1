// A page that was written for today's InfiniteMap: unchanged, and then with the one line that makes it live.
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { servePage, startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { todaysPage } from './todays-page.ts';

t.test('InfiniteMap in a browser', { timeout: 110_000 }, async (t) => {
  const socket = await freePort();
  const { app } = await build(t, {
    settings: { legacySocket: { host: '127.0.0.1', port: socket }, stream: { heartbeat: 0.5 } },
  });
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '3,-4': { brick: 'wall.rts.png' }, '0,0': { brick: 'old.rts.png' } });
  const browser = await startBrowser(t);
  const polling = { manifestPath: `${url}/builder/map/manifest.json`, enableCameraSync: false };

  await t.test('it polls the file, as it always did', async (t) => {
    const page = await browser.open(await servePage(t, todaysPage({ ...polling, pollInterval: 200 })));
    await page.waitForFunction('map.tiles.size === 2');
    t.strictSame(await page.evaluate('loaded.sort()'), ['0,0 old.rts.png', '3,-4 wall.rts.png']);
    await wall.patch({ '0,0': { brick: 'new.rts.png' } });
    await page.waitForFunction("map.tiles.get('0,0').sprite.texture.url.includes('new.rts.png')");
    t.equal(await page.evaluate('world.children.size'), 2);
    await page.close();
  });

  await t.test('its socket brings each change and asks whether it is alive', async (t) => {
    const websocketUrl = `ws://127.0.0.1:${socket}`;
    const config = { manifestPath: polling.manifestPath, pollInterval: 3_600_000, websocketUrl };
    const page = await browser.open(await servePage(t, todaysPage(config)));
    await page.waitForFunction('map.polls === 1 && map.ws.readyState === WebSocket.OPEN');
    await wall.patch({ '7,7': { brick: 'told.rts.png' } });
    await page.waitForFunction("map.tiles.get('7,7')?.sprite.texture.url.includes('told.rts.png')");
    await page.waitForFunction('map.heartbeats > 2');
    t.equal(await page.evaluate('map.polls'), 1);
    await page.close();
    await wall.patch({ '7,7': null });
  });

  await t.test('attached, it gets each change at once, also what goes', async (t) => {
    const attach = `<script type="module">
      import { attachInfiniteMap } from '${url}/client.js'
      window.live = attachInfiniteMap(map, { url: '${url}' })
    </script>`;
    const page = await browser.open(
      await servePage(t, todaysPage({ ...polling, pollInterval: 200 }, attach)),
    );
    await page.waitForFunction("window.live?.state === 'live'");
    await wall.patch({ '0,0': null, '5,5': { brick: 'more.rts.png' } });
    await page.waitForFunction("map.tiles.has('5,5') && !map.tiles.has('0,0') && world.children.size === 2");
    await page.evaluate('InfiniteMap.prototype.checkUpdates = () => (window.polled = true)');
    await wall.patch({ '5,5': { brick: 'again.rts.png' } });
    await page.waitForFunction("map.tiles.get('5,5').sprite.texture.url.includes('again.rts.png')");
    t.equal(await page.evaluate('window.polled'), undefined, 'without polling');
    t.equal(app.feed.readers, 1);
  });
});
