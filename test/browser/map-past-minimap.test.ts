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

/** Degrees. */
function hueOf([r = 0, g = 0, b = 0]: readonly number[]): number {
  return (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI;
}

/** Whose colours, as the list has them, are on the small map. */
async function ownersOn({ page }: MapPage): Promise<string[]> {
  const chips = await page.evaluate<string[]>(
    `[...document.querySelectorAll('#compositors .chip')].map((chip) => getComputedStyle(chip).backgroundColor)`,
  );
  const names = await page.locator('#compositors .row-name').allInnerTexts();
  // Fractions of one, or whole numbers to 255: the hue is the same.
  const hues = chips.map((colour) => hueOf(colour.match(/[\d.]+/g)!.map(Number)));
  const far = (a: number, b: number) => Math.abs(((a - b + 540) % 360) - 180);
  const found = new Set<string>();
  for (const rgb of await pixels(browser, page, (await page.locator('#minimap-canvas').boundingBox())!)) {
    if (Math.max(...rgb) - Math.min(...rgb) < 60) continue;
    const hue = hueOf(rgb);
    const nearest = hues.reduce((best, each, i) => (far(each, hue) < far(hues[best]!, hue) ? i : best), 0);
    found.add(far(hues[nearest]!, hue) < 15 ? names[nearest]! : `hue ${Math.round(hue)}`);
  }
  return [...found].sort();
}

t.test('in the past the small map has the colours of its owners', async (t) => {
  const live = await openMap(t, browser, daemon.url, { hash: '#180,10,3' });
  await live.page.locator('#minimap-canvas').waitFor();
  await live.until('tiles', ({ tiles }) => tiles > 1600);
  const all = [...OWNERS].sort();
  t.strictSame(await ownersOn(live), all, 'now');
  const overview = live.page.waitForResponse((reply) => /zoom=.*at=|at=.*zoom=/.test(reply.url()));
  await live.page.keyboard.press(',');
  await live.until('the past', ({ state, tiles }) => state === 'history' && tiles === 1600);
  await overview;
  t.strictSame(await ownersOn(live), all, 'after a step back');

  const linked = await openMap(t, browser, daemon.url, { hash: `#180,10,3@${at}`, live: false });
  await linked.until('the past', ({ state, tiles }) => state === 'history' && tiles === 1600);
  await linked.page.locator('#minimap-canvas').waitFor();
  t.strictSame(await ownersOn(linked), all, 'by a link');
  await shootThemes(linked.page, 'past-minimap');
});
