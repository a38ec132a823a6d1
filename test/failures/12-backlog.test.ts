// FAILURES 12. Backlog larger than the buffer: a resume that has missed 10 times `stream.buffer`, over a line of 256 kB/s,
// completes on one connection. No loop of being cut off, coming back, and having even more to catch up with.
import t from 'tap';
import { build } from '../support/build.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { filled } from './bulk.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';
import { slowLine } from './throttle.ts';

const BUFFER = 128 * 1024;
const BYTES_PER_SECOND = 256 * 1024;

t.test('a resume with a backlog of 10 buffers', { timeout: 110_000 }, async (t) => {
  const { app, config } = await build(t, { settings: { stream: { buffer: BUFFER } } });
  const url = await app.listen();
  const slow = await slowLine(t, config.settings.listen.port, BYTES_PER_SECOND);
  const wall = await HttpPublisher.join(url, 'wall');
  const reader = new ConformanceClient({ url: slow, name: 'the slow one' });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.untilCursor(wall.cursor);
  await reader.disconnect();

  let backlog = 0;
  for (let x = 0; backlog < 10 * BUFFER; x++) {
    const writes = filled({ x, y: 0, width: 1, height: 100, name: 'missed' });
    await app.publisher.patch('wall', writes);
    backlog += JSON.stringify(Object.fromEntries(writes)).length;
  }
  reader.connect();
  await reader.until(({ counts }) => counts.connections === 2, 30_000, 'its second connection');
  // While it catches up, new and old cells change.
  for (let i = 0; i < 50; i++) {
    await app.publisher.patch(
      'wall',
      filled({ x: i % 7, y: -(i % 5), width: 2, height: 3, name: `live ${i}` }),
    );
    await reader.until(({ counts }) => counts.events > 0, 1000);
  }
  await reader.untilCursor(app.replica.copy.head, 60_000);
  await sameAsManifest(t, reader, url);
  const { connections, snapshots, cut } = reader.counts;
  t.strictSame({ connections, cut }, { connections: 2, cut: 0 }, 'one connection was enough');
  t.ok(snapshots <= 2, `${snapshots} snapshots`);

  const { cursor } = await app.publisher.patch(
    'wall',
    filled({ x: 0, y: 0, width: 1, height: 1, name: 'then' }),
  );
  await reader.untilCursor(cursor);
  t.equal(app.feed.readers, 1);
});
