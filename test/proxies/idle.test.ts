// FAILURES 16. A proxy cuts what is idle, after 60 s as a rule (here: 2 s). Heartbeats keep every stream alive, also one whose view
// nothing changes in, while others are busy.
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { startDaemon } from '../support/daemon.ts';
import { startNginx } from '../support/nginx.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';

const IMPATIENT = 'proxy_read_timeout 2s;';

t.test('heartbeats reach idle and filtered streams', async (t) => {
  const daemon = await startDaemon(t, { args: ['--stream-heartbeat=0.5'] });
  const nginx = await startNginx(t, { upstreams: [daemon.port], site: { http: IMPATIENT } });
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  const filtered = new ConformanceClient({ url: nginx.url, view: '1000,1000,1010,1010' });
  const nobodys = new ConformanceClient({ url: nginx.url, compositors: ['nobody'] });
  const readers = [filtered, nobodys];
  t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
  for (const reader of readers) reader.connect();

  // Twelve heartbeats are six seconds: three times what nginx waits for.
  const done = new AbortController();
  const writing = (async () => {
    for (let i = 0; !done.signal.aborted; i++) await wall.patch({ [`${i % 50},0`]: { brick: `b${i}` } });
  })();
  await Promise.all(
    readers.map((reader) => reader.until(({ counts }) => counts.synced >= 12, 30_000, 'twelve heartbeats')),
  );
  done.abort();
  await writing;
  for (const reader of readers) {
    await reader.untilCursor(wall.cursor, 30_000);
    t.strictSame(reader.copy.violations, []);
    t.strictSame([reader.counts.connections, reader.counts.cut], [1, 0], 'never cut');
    t.equal(reader.copy.tiles.size, 0);
  }
});

t.test('without them, this nginx does cut', async (t) => {
  const daemon = await startDaemon(t, { args: ['--stream-heartbeat=60'] });
  const nginx = await startNginx(t, { upstreams: [daemon.port], site: { http: IMPATIENT } });
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  const reader = new ConformanceClient({ url: nginx.url, maxRetry: 100 });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until(({ counts }) => counts.cut > 0, 30_000, 'the cut');
  await reader.untilCursor(await wall.patch({ '0,0': { brick: 'after' } }));
  t.strictSame(reader.copy.violations, []);
  t.equal(reader.counts.snapshots, 1, 'and who is cut goes on where it was');
});
