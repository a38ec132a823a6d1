// Names as long as they may be, all of emoji, which are two UTF-16 units each. The search took half of such a name.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, placeOf, screenshot } from './map-page.ts';

const NAME = '🚀'.repeat(128);
const BRICK = `${'🧱'.repeat(254)}🪟`;

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
for (const [path, method, body] of [
  ['/compositors/wall', 'PUT', { name: NAME, ttl: 3600 }],
  ['/compositors/wall/tiles', 'PATCH', { '0,0': { brick: BRICK }, '2,0': { brick: 'plain.png' } }],
  ['/regions', 'POST', { compositor: 'wall', rect: '-2,-3,4,3', purpose: '🏰'.repeat(255), ttl: 3600 }],
] as const) {
  const { status } = await send(method, daemon.url + path, body);
  if (status !== 200 && status !== 201) throw new Error(`${path}: ${status}`);
}

for (const size of [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
])
  t.test(`on ${size.width} pixels they stay where they belong`, async (t) => {
    const isPhone = size.width < 720;
    const { page, until } = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,60', size });
    const state = await until('the tiles', ({ tiles, regions }) => tiles === 2 && regions === 1);
    const within = async (selector: string, around = 'body') => {
      const [inner, outer] = [
        (await page.locator(selector).first().boundingBox())!,
        (await page.locator(around).boundingBox())!,
      ];
      const isIn = inner.x >= outer.x - 1 && inner.x + inner.width <= outer.x + outer.width + 1;
      t.ok(isIn, `${selector} in ${around}: ${JSON.stringify([inner, outer])}`);
    };
    await page.locator('.label:visible').waitFor();
    await within('.label:visible');
    await within('.region-text', '.region');
    if (isPhone) await page.locator('#fold').click();
    await within('#compositors > li', '#panel');
    const place = placeOf(state, 0, 0, size);
    await page.locator('#search').fill(BRICK);
    t.equal(await page.locator('#search').inputValue(), BRICK, 'all of it is searched for');
    await page.getByRole('option').filter({ hasText: '🪟' }).waitFor();
    await within('#hits', '#panel');
    await page.keyboard.press('Escape');
    if (isPhone) await page.locator('#fold').click();
    else {
      await page.mouse.move(place.x, place.y);
      await page.locator('#tooltip').getByText('🪟').waitFor();
      await within('#tooltip');
      t.ok(
        (await page.locator('#tooltip').boundingBox())!.height < size.height / 2,
        'the tip leaves the map',
      );
    }
    await page.mouse.click(place.x, place.y);
    const details = page.locator('#details');
    await details.getByText('🪟').first().waitFor();
    await within('#details');
    t.ok(
      (await page.locator('#details h2').boundingBox())!.height < 100,
      'the title leaves room for the rest',
    );
    await details.locator('.owner').first().click();
    await details.getByText('Compositor wall').waitFor();
    await page.getByRole('button', { name: 'Only this one' }).click();
    await page.locator('#attention').waitFor();
    await within('#attention');
    t.same(await page.evaluate('document.body.scrollWidth <= innerWidth'), true);
    await screenshot(page, `emoji-${size.width}`);
  });
