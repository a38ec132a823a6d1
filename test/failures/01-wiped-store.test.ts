// FAILURES 1. Wiped store. A client at revision 50 of a history; the store is emptied, the daemon starts again, and
// there are 10 new commits. Resume must lead to a `reset` that names the new history, with a full snapshot: never silence.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from './both-stores.ts';
import { readOpening } from './opening.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

onBothStores('a store that was emptied between two lives of the daemon', {}, async (t, on, redis) => {
  const before = await startDaemon(t, on);
  const old = await HttpPublisher.join(before.url, 'wall');
  await old.patchMany(49, 'old', (i) => `${i},0`);
  t.match(old.cursor, /^50-/);
  const readers = [undefined, '-5,-5,20,5'].map(
    (view) => new ConformanceClient({ url: before.url, maxRetry: 50, ...(view !== undefined && { view }) }),
  );
  for (const reader of readers) {
    t.teardown(() => reader.disconnect());
    reader.connect();
    await reader.untilCursor(old.cursor);
    await reader.disconnect();
  }

  t.equal((await before.stop())?.code, 0);
  if (redis) await redis.client().flushall();
  else await rm(join(before.dir, 'store'), { recursive: true });
  const after = await startDaemon(t, { dir: before.dir, port: before.port, ...on });
  const fresh = await HttpPublisher.join(after.url, 'wall');
  await fresh.patchMany(9, 'new', (i) => `0,${i}`);
  const head = fresh.cursor;
  t.match(head, /^10-/);

  for (const reader of readers) {
    const { snapshots } = reader.counts;
    reader.connect();
    await reader.until(({ copy: { cursor, exact } }) => exact && cursor === head, 30_000, 'the new history');
    t.equal(reader.counts.snapshots, snapshots + 1, 'one snapshot');
  }
  await sameAsManifest(t, readers[0]!, after.url);
  await sameAsManifest(t, readers[1]!, after.url, { view: '-5,-5,20,5' });

  for (const revision of [50, 11, 10, 9, 5, 1]) {
    const lost = old.cursors[revision - 1]!;
    const opening = await readOpening(t, `${after.url}/manifest/stream`, lost);
    t.equal(opening.names, 'snapshot synced', `${lost}: a snapshot`);
    t.equal(opening.reason, 'reset', `${lost}: told that the history is another one`);
    t.equal(opening.events[0]?.id, `${head}~`, `${lost}: named by the new history`);
    t.equal(opening.id, head);
    t.equal(opening.tiles.size, 9, `${lost}: the whole map`);

    const changes = await send('GET', `${after.url}/manifest/changes?since=${lost}`);
    t.equal(changes.status, 410, `${lost}: gone`);
    t.equal(changes.body.type, '/problems/cursor-gone');
    t.equal(changes.body.oldest, '0-00000000');
    for (const query of [`at=${lost}`, `atLeast=${lost}`]) {
      const { status } = await send('GET', `${after.url}/manifest?${query}`);
      const ahead = query.startsWith('atLeast') && revision > 10;
      t.equal(status, ahead ? 503 : 410, query);
    }
  }
});
