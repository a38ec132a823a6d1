import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { openMap } from './map-page.ts';
import { isMarked, isThere, mark, NETWORK, write } from './one-brick.ts';

const browser = (await startBrowser(t)).context.browser()!;

t.test('a restart of the daemon', async (t) => {
  const daemon = await startDaemon(t);
  await write(daemon.url, 'before.png');
  const map = await openMap(t, browser, daemon.url, { hash: '#0,0,40', allow: NETWORK });
  await isThere(map, 'before.png');
  await mark(map);
  await daemon.stop();
  await map.until('sight of the end', ({ state }) => state !== 'live');
  const again = await startDaemon(t, { dir: daemon.dir, port: daemon.port });
  await write(again.url, 'after.png');
  await isThere(map, 'after.png');
  await map.until('live map', ({ state }) => state === 'live');
  t.ok(await isMarked(map), 'the page was not loaded again');
});
