// FAILURES 7. Lagging replica. A client that saw a commit at one replica reconnects to another, which has not seen it yet:
// that one catches up first. Never an older state, never a commit twice. Here: two daemons on one store.
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from './both-stores.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

onBothStores(
  'readers and requests that move between two replicas after every commit',
  { timeout: 60_000 },
  async (t, on) => {
    const one = await startDaemon(t, on);
    const other = await startDaemon(t, { dir: one.dir, ...on });
    const urls = [one.url, other.url];
    const wall = await HttpPublisher.join(one.url, 'wall');
    const readers = [{}, { view: '0,0,3,3' }].map((view) => ({
      view,
      reader: new ConformanceClient({ url: one.url, ...view }),
    }));
    t.teardown(() => Promise.all(readers.map(({ reader }) => reader.disconnect())));
    for (const { reader } of readers) reader.connect();

    for (let i = 0; i < 40; i++) {
      const cursor = await wall.patch({ [`${i % 4},${i % 3}`]: { brick: `b${i}` } });
      const next = urls[(i + 1) % 2]!;
      // At once: the other's own look at the store is not due yet.
      const reads = await Promise.all(
        [`manifest?atLeast=${cursor}`, `manifest?at=${cursor}`, `manifest/changes?since=${cursor}`].map(
          (path) => send('GET', `${other.url}/${path}`),
        ),
      );
      for (const { status, body } of reads) {
        t.equal(status, 200);
        t.ok(parseInt(body.cursor) >= parseInt(cursor), `${cursor}: never older`);
      }
      for (const { reader } of readers) {
        await reader.untilCursor(cursor);
        await reader.disconnect();
        reader.connect(next);
      }
    }
    for (const { reader, view } of readers) {
      await reader.untilCursor(wall.cursor);
      await sameAsManifest(t, reader, other.url, view);
      t.equal(reader.counts.snapshots, 1, 'every replica knew its cursor');
    }
  },
);
