// By a link to the past it came before the map, and gave the owners other colours than they have on the live map.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixels, type MapPage } from './map-page.ts';
import { shootThemes } from './screenshots.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
const OWNERS = ['wall', 'door', 'desk', 'lamp'];
for (const [i, id] of OWNERS.entries()) {
  await send('PUT', `${daemon.url}/compositors/${id}`, { name: id, ttl: 3600 });
  const cells = Array.from({ length: 400 }, (_, j) => [
    `${100 * i + (j % 20)},${Math.floor(j / 20)}`,
    { brick: 'b' },
  ]);
  await send('PATCH', `${daemon.url}/compositors/${id}/tiles`, Object.fromEntries(cells));
}
const at = String((await send('GET', `${daemon.url}/manifest?view=0,0,0,0`)).body.cursor);
await send('PATCH', `${daemon.url}/compositors/lamp/tiles`, { '350,5': { brick: 'later' } });

/** The colours of the small map that are no greys, with the frame hidden; those of more than a few pixels. */
async function coloursOf({ page }: MapPage): Promise<string[]> {
  await page.locator('#minimap-frame').evaluate('document.getElementById("minimap-frame").style.opacity = 0');
  const box = (await page.locator('#minimap-canvas').boundingBox())!;
  const counts = new Map<string, number>();
  for (const rgb of await pixels(browser, page, { ...box, width: box.width - 30 })) {
    if (Math.max(...rgb) - Math.min(...rgb) < 40) continue;
    const name = rgb.map((value) => Math.round(value / 16)).join();
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 8)
    .map(([name]) => name)
    .sort();
}

t.test('in the past the small map has the colours that its owners have now', async (t) => {
  const live = await openMap(t, browser, daemon.url, { hash: '#180,10,3' });
  await live.page.locator('#minimap-canvas').waitFor();
  await live.until('tiles', ({ tiles }) => tiles > 1600);
  const now = await coloursOf(live);
  t.ok(now.length >= OWNERS.length, `one of each owner: ${now.join(' ')}`);
  await live.page.keyboard.press(',');
  await live.until('the past', ({ state, tiles }) => state === 'history' && tiles === 1600);
  t.strictSame(await coloursOf(live), now, 'after a step back');

  const linked = await openMap(t, browser, daemon.url, { hash: `#180,10,3@${at}`, live: false });
  await linked.until('the past', ({ state, tiles }) => state === 'history' && tiles === 1600);
  await linked.page.locator('#minimap-canvas').waitFor();
  t.strictSame(await coloursOf(linked), now, 'by a link');
  await shootThemes(linked.page, 'past-minimap');
});
