// FAILURES 22 (a). The daemon is stopped for 3 TTLs and continued, while its compositors go on renewing. No live compositor
// may turn stale or lose its tiles: whoever stood still has seen no renewals.
import { setTimeout as delay } from 'node:timers/promises';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from './both-stores.ts';
import { HttpPublisher } from './publisher.ts';

const FLEET = ['a', 'b', 'c', 'd', 'e'];
/** Seconds. */
const TTL = 2;

onBothStores('the built daemon stopped for 3 TTLs and continued', { timeout: 60_000 }, async (t, on) => {
  const daemon = await startDaemon(t, { args: ['--lease-retention=1', '--lease-guard=0'], ...on });
  for (const [i, id] of FLEET.entries()) {
    const wall = await HttpPublisher.join(daemon.url, id, { ttl: TTL });
    await wall.patch({ [`${i},0`]: { brick: id } });
  }
  const reader = new ConformanceClient({ url: daemon.url, watchdog: 60_000, reconnect: false });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until(({ copy: { tiles, exact } }) => exact && tiles.size === 5);
  const cursor = reader.copy.cursor;

  // They renew all the time; what was sent while the daemon stood still is answered when it goes on.
  const beating = new AbortController();
  const beats = FLEET.map(async (id) => {
    while (!beating.signal.aborted) {
      const { status } = await send('PUT', `${daemon.url}/compositors/${id}/lease`);
      if (status !== 200) throw new Error(`${id}: ${status}`);
      await delay(300, undefined, { signal: beating.signal }).catch(() => undefined);
    }
  });
  // Time itself is what is tested here. A full TTL in touch: from then on it may end leases.
  await delay((TTL + 1) * 1000);
  daemon.signal('SIGSTOP');
  await delay(TTL * 3000);
  daemon.signal('SIGCONT');
  await delay((TTL + 2) * 1000);
  beating.abort();
  await Promise.all(beats);
  const { body } = await send('GET', `${daemon.url}/manifest`);
  t.equal(body.cursor, cursor, 'not one commit: nobody turned stale, nothing was removed');
  t.equal(Object.keys(body.tiles).length, 5);
  t.strictSame(reader.copy.violations, []);
});
