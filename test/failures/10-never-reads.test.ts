// FAILURES 10. A reader that never reads: one client stops reading, and 20,000 commits go over 500 tiles. What it costs is
// bounded by the tiles it can see, whatever happens; the others never notice; when it wakes it is exact.
import type { Socket } from 'node:net';
import t from 'tap';
import { build } from '../support/build.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { filled } from './bulk.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const COMMITS = 20_000;
const TILES = 500;
/** Commits that are under way at the same time. */
const AT_ONCE = 100;
/** Tiles of one commit. So much is sent that what waits cannot hide in the kernel. */
const CHANGED = 3;
const BUFFER = 2 ** 20;

t.test('20,000 commits over 500 tiles past a reader that sleeps', { timeout: 110_000 }, async (t) => {
  const { app } = await build(t, { settings: { stream: { buffer: BUFFER } } });
  const sockets = new Set<Socket>();
  app.server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const url = await app.listen();
  await HttpPublisher.join(url, 'wall');
  await app.publisher.patch('wall', filled({ x: 0, y: 0, width: 50, height: 10, name: 'start' }));
  const asleep = new ConformanceClient({ url, name: 'asleep', reconnect: false, watchdog: 100_000 });
  const awake = Array.from(
    { length: 4 },
    (_, i) => new ConformanceClient({ url, name: `awake ${i}`, reconnect: false }),
  );
  for (const reader of [asleep, ...awake]) {
    t.teardown(() => reader.disconnect());
    reader.connect();
    await reader.untilCursor(app.replica.copy.head);
  }
  asleep.pause();

  let most = 0;
  let next = 0;
  const commitSome = async () => {
    while (next < COMMITS) {
      const i = next++;
      const x = (i * CHANGED) % (50 - CHANGED + 1);
      await app.publisher.patch('wall', filled({ x, y: i % 10, width: CHANGED, height: 1, name: `${i}` }));
      for (const socket of sockets) most = Math.max(most, socket.writableLength);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, commitSome));
  const head = app.replica.copy.head;
  t.equal(parseInt(head), COMMITS + 2);
  t.equal(app.replica.copy.manifest.tileCount, TILES);
  t.equal(app.feed.readers, 5, 'nobody was thrown out');
  t.ok(most <= BUFFER * 1.5, `at most ${Math.round(most / 1024)} KiB waited in a socket`);

  await Promise.all(awake.map((reader) => reader.untilCursor(head, 30_000)));
  t.not(asleep.copy.cursor, head, 'it did sleep');
  asleep.resume();
  await asleep.untilCursor(head, 30_000);
  for (const reader of [asleep, awake[0]!]) await sameAsManifest(t, reader, url);
  for (const reader of [asleep, ...awake])
    t.strictSame([reader.copy.violations, reader.counts.connections], [[], 1]);
  t.ok(
    asleep.counts.patches < awake[0]!.counts.patches,
    `${asleep.counts.patches} patches told it what took ${awake[0]!.counts.patches} for the others`,
  );
});
