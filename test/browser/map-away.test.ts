import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { openMap } from './map-page.ts';
import { isThere, NETWORK, write } from './one-brick.ts';

const DAY = 86_400_000;

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);
await write(daemon.url, 'first.png');

/** The milliseconds that the page shows as delay; undefined: none. */
async function delayOn(numbers: { innerText(): Promise<string> }): Promise<number | undefined> {
  const match = /([\d.]+) (ms|s)$/.exec(await numbers.innerText());
  return match ? Number(match[1]) * (match[2] === 's' ? 1000 : 1) : undefined;
}

// It showed how old the snapshot was: on a quiet map "3600.0 s", as if the map were an hour late.
t.test('the delay is that of a change, never of a snapshot', async (t) => {
  const map = await openMap(t, browser, daemon.url, { hash: '#0,0,40' });
  await isThere(map, 'first.png');
  const numbers = map.page.locator('#status-numbers');
  await numbers.filter({ hasText: 'r2' }).waitFor();
  t.equal(await numbers.innerText(), 'r2');
  await write(daemon.url, 'second.png');
  await numbers.filter({ hasText: /r3 .* m?s$/ }).waitFor();
});

// The delay was 0 ms or 86400.0 s, and a tile that had just been set was a day old.
for (const [word, skew] of [
  ['ahead of', DAY],
  ['behind', -DAY],
] as const)
  t.test(`a page whose clock is a day ${word} the daemon's`, async (t) => {
    const script = `{ const now = Date.now; Date.now = () => now() + ${skew}; }`;
    const map = await openMap(t, browser, daemon.url, { hash: '#0,0,40', script });
    const { revision } = await map.state();
    const name = `skewed ${word}.png`;
    await write(daemon.url, name);
    await isThere(map, name);
    const numbers = map.page.locator('#status-numbers');
    await numbers.filter({ hasText: new RegExp(`r${revision + 1} .* m?s$`) }).waitFor();
    const delay = await delayOn(numbers);
    t.ok(delay !== undefined && delay < 3_600_000, `${delay} ms`);
    const box = (await map.page.locator('#plane').boundingBox())!;
    await map.page.mouse.move(box.width / 2 + 20, box.height / 2 + 20);
    await map.page.locator('#tooltip').getByText(name).waitFor();
    t.match(await map.page.locator('.tooltip-facts').innerText(), /(now|\d+ s ago|\d+ min ago)$/);
  });

// The page said "Offline", and nothing else.
t.test('without its daemon the page says what is wrong and when it tries again', async (t) => {
  const map = await openMap(t, browser, daemon.url, { hash: '#0,0,40', allow: NETWORK });
  await daemon.stop('SIGKILL');
  const status = map.page.locator('#status');
  await status.filter({ hasText: 'Offline' }).waitFor();
  const detail = map.page.locator('#status-detail');
  await detail.filter({ hasText: /^The daemon does not answer\. This is the last known map\. / }).waitFor();
  await detail.filter({ hasText: /(Next attempt in \d+ s\.|Trying now …)$/ }).waitFor();
  await map.page
    .locator('#announcer')
    .filter({ hasText: /Connection: Offline\./ })
    .waitFor();
  await startDaemon(t, { dir: daemon.dir, port: daemon.port });
  await status.filter({ hasText: 'Live' }).waitFor();
  t.ok(await detail.isHidden());
});
