// FAILURES 8. Bookmark overtakes data. A connection's writer stands still, a visible tile changes, bookmarks are due: none at
// or above that commit may come before it. And where nothing is in view bookmarks go on, so that the cursor never falls out.
import { build } from '../support/build.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from './both-stores.ts';
import { filled } from './bulk.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const VIEW = '0,0,199,9';

onBothStores('a socket that stands still while bookmarks are due', { timeout: 60_000 }, async (t, on) => {
  // A bookmark every 5 commits, and one whenever nothing was sent for a while.
  const settings = { ...on, stream: { heartbeat: 0.1 }, history: { commits: 20, seconds: 300 } };
  const { app } = await build(t, { settings });
  const url = await app.listen();
  await HttpPublisher.join(url, 'wall');
  const readers = [{}, { view: VIEW }, { compositors: ['wall'] }].map((view) => ({
    view,
    reader: new ConformanceClient({ url, reconnect: false, ...view }),
  }));
  t.teardown(() => Promise.all(readers.map(({ reader }) => reader.disconnect())));
  for (const { reader } of readers) reader.connect();
  await Promise.all(readers.map(({ reader }) => reader.untilCursor(app.replica.copy.head)));

  for (let pause = 0; pause < 3; pause++) {
    for (const { reader } of readers) reader.pause();
    // Much more than sockets hold, so that some of it waits in the daemon.
    for (let i = 0; i < 30; i++) {
      await app.publisher.patch(
        'wall',
        filled({ x: 0, y: 0, width: 200, height: 10, name: `${pause}-${i}` }),
      );
      for (let quiet = 0; quiet < 6; quiet++)
        await app.publisher.patch(
          'wall',
          filled({ x: 500 + quiet, y: 0, width: 1, height: 1, name: `${i}` }),
        );
    }
    const { cursor } = await app.publisher.patch(
      'wall',
      filled({ x: 0, y: 0, width: 1, height: 1, name: `last ${pause}` }),
    );
    for (const { reader } of readers) reader.resume();
    for (const { reader, view } of readers) {
      await reader.untilCursor(cursor, 30_000);
      t.match(reader.copy.tiles.get('0,0')?.brick, `last ${pause}`, 'whoever is told of the commit has it');
      await sameAsManifest(t, reader, url, view, JSON.stringify(view));
    }
  }
  for (const { reader } of readers) t.equal(reader.counts.connections, 1);
});

onBothStores(
  'a view in which nothing happens never falls out of the history',
  { timeout: 60_000 },
  async (t, on) => {
    const { app } = await build(t, { settings: { history: { commits: 20, seconds: 0 }, ...on } });
    const url = await app.listen();
    const wall = await HttpPublisher.join(url, 'wall');
    const view = { view: '-100,-100,-90,-90' };
    const quiet = new ConformanceClient({ url, ...view });
    const nobody = new ConformanceClient({ url, compositors: ['nobody'] });
    for (const reader of [quiet, nobody]) {
      t.teardown(() => reader.disconnect());
      reader.connect();
      await reader.untilCursor(wall.cursor);
    }
    await wall.patchMany(200, 'far', (i) => `${i},0`);
    for (const reader of [quiet, nobody]) {
      const behind = () => parseInt(wall.cursor) - parseInt(reader.copy.cursor!);
      await reader.until(() => behind() <= 5, 30_000, 'a bookmark within a quarter of the history');
      t.ok(reader.counts.synced >= 20, `${reader.counts.synced} bookmarks came along the way`);
      t.equal(reader.counts.patches, 0, 'and nothing else');
      await reader.disconnect();
    }
    await wall.patchMany(10, 'farther', (i) => `${i},1`);
    for (const reader of [quiet, nobody]) {
      reader.connect();
      await reader.untilCursor(wall.cursor);
      t.equal(reader.counts.snapshots, 1, 'its cursor was still good');
      t.strictSame(reader.copy.violations, []);
    }
    await sameAsManifest(t, quiet, url, view);
  },
);
