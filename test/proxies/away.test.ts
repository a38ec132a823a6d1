// FAILURES 15, 35. While the only daemon is away, nginx sends streams away with `bye`. Readers of any view come back with their cursor, and
// miss nothing.
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { startDaemon } from '../support/daemon.ts';
import { startNginx } from '../support/nginx.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';

t.test('nobody there during a deploy, then recovery', { timeout: 60_000 }, async (t) => {
  // A reader whose view nothing happens in learns of the last commit from a heartbeat.
  const args = ['--stream-heartbeat=1'];
  const before = await startDaemon(t, { args });
  const nginx = await startNginx(t, { upstreams: [before.port], site: 'http' });
  const wall = await HttpPublisher.join(before.url, 'wall');
  await wall.patchMany(5, 'old', (i) => `${i},0`);
  const views = [undefined, '0,0,2,2', '50,50,60,60'];
  const readers = views.map(
    (view) => new ConformanceClient({ url: nginx.url, maxRetry: 300, ...(view !== undefined && { view }) }),
  );
  t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
  for (const reader of readers) reader.connect();
  await Promise.all(readers.map((reader) => reader.untilCursor(wall.cursor)));

  await before.stop('SIGTERM');
  for (const reader of readers) {
    await reader.until(({ counts }) => counts.byes >= 4, 30_000, 'the bye of the daemon and three of nginx');
    t.equal(reader.counts.refused, 0);
  }
  t.match(await nginx.accessLog(), /"GET \/manifest\/stream HTTP\/1.1" 200 /);

  const after = await startDaemon(t, { args, dir: before.dir, port: before.port });
  const again = await HttpPublisher.join(after.url, 'wall');
  await again.patchMany(5, 'new', (i) => `${i},0`);
  for (const [i, reader] of readers.entries()) {
    await reader.untilCursor(again.cursor);
    const view = views[i];
    await sameAsManifest(t, reader, nginx.url, view === undefined ? {} : { view });
    t.equal(reader.counts.snapshots, 1, 'no second snapshot');
  }
});
