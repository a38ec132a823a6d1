// The map page on a phone, by touch, and on a screen at 200 %.
import t, { type Test } from 'tap';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, screenshot } from './map-page.ts';

const PHONE = { width: 390, height: 844 };

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
for (let i = 0; i < 12; i++) {
  await send('PUT', `${daemon.url}/compositors/wall-${i}`, { name: `Wall number ${i}`, ttl: 3600 });
  await send('PATCH', `${daemon.url}/compositors/wall-${i}/tiles`, {
    [`${i * 4},0`]: { brick: 'first.png' },
    [`${i * 4},1`]: { brick: 'second.png' },
  });
}

/** Moves fingers, each from one place to another, in ten steps. */
async function touch(
  page: Page,
  ...fingers: [from: [number, number], to: [number, number]][]
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const at = (share: number) =>
    fingers.map(([from, to], id) => ({
      id,
      x: from[0] + (to[0] - from[0]) * share,
      y: from[1] + (to[1] - from[1]) * share,
    }));
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
  for (let step = 1; step <= 10; step++)
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(step / 10) });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}

/** Whoever sees a control can press it: nothing lies over its middle, and it is on the screen. */
async function reachable(t: Test, page: Page, selectors: readonly string[]): Promise<void> {
  for (const selector of selectors) {
    const hidden = await page.evaluate<string | undefined>(`(() => {
      const wanted = document.querySelector(${JSON.stringify(selector)});
      const { left, top, width, height } = wanted.getBoundingClientRect();
      if (width === 0) return 'it is not there';
      const found = document.elementFromPoint(left + width / 2, top + height / 2);
      return wanted.contains(found) ? undefined : 'instead there is ' + (found?.outerHTML.slice(0, 80) ?? 'nothing');
    })()`);
    t.equal(hidden, undefined, selector);
  }
}

const CONTROLS = ['#search', '#theme', '#fold', '#play', '#slider', '#live', '#status'];

t.test('a finger moves the map, two fingers zoom it', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, {
    hash: '#20,20,40',
    size: PHONE,
    touch: true,
  });
  await until('page', ({ camera }) => Math.round(camera.x) === 20);
  await touch(page, [
    [300, 600],
    [100, 600],
  ]);
  const moved = await until('a drag', ({ camera }) => camera.x > 23);
  await touch(
    page,
    [
      [180, 600],
      [120, 600],
    ],
    [
      [220, 600],
      [280, 600],
    ],
  );
  await until('a pinch', ({ camera }) => camera.zoom > moved.camera.zoom * 1.5);
});

t.test('on a phone every control is there, and the map is not under the panel alone', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { size: PHONE, touch: true });
  await until('tiles', ({ drawn }) => drawn > 0);
  await screenshot(page, 'phone-folded');
  t.ok((await page.locator('#panel').boundingBox())!.height < 80, 'the map comes first');
  await page.locator('#fold').tap();
  await reachable(t, page, CONTROLS);
  const panel = (await page.locator('#panel').boundingBox())!;
  t.ok(panel.height < PHONE.height / 2, `the panel leaves half of the screen: ${panel.height}`);
  await screenshot(page, 'phone');
  await page.locator('#fold').tap();
  t.ok((await page.locator('#panel').boundingBox())!.height < 80, 'and goes again');
});

t.test('at 200 % every control is there', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { size: { width: 640, height: 400 } });
  await until('tiles', ({ drawn }) => drawn > 0);
  await page.locator('#fold').click();
  await reachable(t, page, CONTROLS);
  const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  t.ok(sideways <= 0, 'nothing is cut off at the side');
  await screenshot(page, 'two-hundred-percent');
});

// The button of the folded overview lay over the status, and some controls were 20 px wide.
t.test('on a phone the overview is beside the status, and a finger hits each control', async (t) => {
  const { page, until } = await openMap(t, browser, daemon.url, { size: PHONE, touch: true });
  await until('tiles', ({ drawn }) => drawn > 0);
  const apart = async (what: string) => {
    const [map, status] = [
      (await page.locator('#minimap').boundingBox())!,
      (await page.locator('#status').boundingBox())!,
    ];
    t.ok(map.x + map.width <= status.x, `${what}: ${map.x + map.width} ${status.x}`);
  };
  const fold = page.locator('#minimap-fold');
  await fold.waitFor();
  await apart('at first');
  await fold.tap();
  await apart('after a tap on its button');
  for (const selector of [
    '#step-back',
    '#play',
    '#step-forward',
    '#live',
    '#speed',
    '#minimap-fold',
    '#fold',
  ]) {
    const { width, height } = (await page.locator(selector).boundingBox())!;
    t.ok(width >= 32 && height >= 32, `${selector}: ${width} x ${height}`);
  }
  const label = page.locator('.label').first();
  const { x, y, width } = (await label.boundingBox())!;
  await page.touchscreen.tap(x + width / 2, y - 4);
  const details = page.locator('#details');
  await details.getByText(/^Compositor wall-/).waitFor();
  await page.evaluate("location.hash = '#0.5,0.5,40!0,0'");
  await details.getByText('Tile at 0, 0').waitFor();
  const { height } = (await details.locator('.fact .owner').boundingBox())!;
  t.ok(height >= 32, `the owner: ${height}`);
  await screenshot(page, 'phone-targets');
});
