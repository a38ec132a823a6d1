import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis-server.ts';
import { openMap } from './map-page.ts';
import { isThere, write } from './one-brick.ts';

// While the store took no writes the page said "Live", and while it was away nothing of why and what one saw.
t.test('a store that takes no writes, and one that is away, are on the page', async (t) => {
  const redis = await startRedis(t);
  const daemon = await startDaemon(t, { store: redis.url });
  await write(daemon.url, 'one.png');
  const map = await openMap(t, (await startBrowser(t)).context.browser()!, daemon.url, { hash: '#0,0,40' });
  await isThere(map, 'one.png');
  const status = map.page.locator('#status');
  await redis.client().config('SET', 'min-replicas-to-write', '1');
  await status.filter({ hasText: /Read-only.*The store takes no writes \([a-z ]+\)\./s }).waitFor();

  await redis.stop();
  await status
    .filter({ hasText: /Store away.*cannot reach its store.*This is the last known map\./s })
    .waitFor();
  t.equal((await map.state()).bricks['0,0'], 'one.png', 'the map stays');

  await redis.restart([]);
  await status.filter({ hasText: /^\s*Live/ }).waitFor();
  t.ok(await map.page.locator('#status-detail').isHidden());
});
