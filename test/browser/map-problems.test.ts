// While the list was folded, as it is at first on a phone, nothing said that a compositor was red; nor did its label on the map.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { accessible } from './axe.ts';
import { openMap, screenshot } from './map-page.ts';
import { shootThemes } from './screenshots.ts';

const browser = (await startBrowser(t)).context.browser()!;
const { app, inject } = await build(t, {
  settings: {
    lease: { retention: 3600 },
    connect: { interval: 0.2, retry: { min: 0.1, max: 0.2 }, failures: 1 },
  },
} as object);
const url = await app.listen();
// Nobody listens there.
const NOWHERE = { protocol: 'http', address: '127.0.0.1', port: 1 };
for (const [i, [id, more]] of Object.entries({
  well: { ttl: 3600 },
  late: { ttl: 1 },
  lost: { ttl: 3600, ...NOWHERE },
}).entries()) {
  await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id, ...more } });
  const payload = { [`0,${i * 2}`]: { brick: `${id}.png` } };
  await inject({ method: 'PATCH', url: `/compositors/${id}/tiles`, payload });
}

for (const [name, size] of [
  ['phone', { width: 390, height: 844 }],
  ['desk', { width: 1280, height: 800 }],
] as const)
  t.test(`on a ${name} problems are seen without the list`, async (t) => {
    const { page } = await openMap(t, browser, url, {
      ...{ hash: '#0.5,2.5,40', size, touch: name === 'phone' },
    });
    const fold = page.locator('#fold');
    if (name === 'desk') await fold.click();
    await page.getByRole('button', { name: /^2 problems, ?List of compositors$/, expanded: false }).waitFor();
    await fold.getByText('List', { exact: true }).waitFor();
    const labels = page.locator('#labels');
    await labels.getByRole('button', { name: /^lost 1 ! ?disconnected$|^lost 1 disconnected$/ }).waitFor();
    await labels.getByRole('button', { name: /^late 1 .*stale$/ }).waitFor();
    t.equal(await labels.locator('.label-mark:visible').count(), 2);
    if (name === 'desk') await shootThemes(page, 'problems');
    await screenshot(page, `problems-${name}`);
    await accessible(t, page, name);
    await page.emulateMedia({ colorScheme: 'light' });
    await screenshot(page, `problems-${name}-light`);
    await accessible(t, page, `${name}, light`);
  });
