// FAILURES 9. A slow filtered client meets compaction: it stalls until its next commit is trimmed. It must get a `gap` with a
// snapshot of its region, not a jump; and a client that was merely dropped for as long, the same.
import { build } from '../support/build.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from './both-stores.ts';
import { filled } from './bulk.ts';
import { readOpening } from './opening.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const VIEW = { view: '0,0,199,19' };

onBothStores('a stalled viewport, and a dropped one', { timeout: 60_000 }, async (t, on) => {
  const { app } = await build(t, { settings: { history: { commits: 20, seconds: 0 }, ...on } });
  const url = await app.listen();
  await HttpPublisher.join(url, 'wall');
  await HttpPublisher.join(url, 'other');
  const fill = (name: string) =>
    app.publisher.patch('wall', filled({ x: 0, y: 0, width: 200, height: 20, name }));
  await fill('first');
  const stalled = new ConformanceClient({ url, reconnect: false, ...VIEW });
  const dropped = new ConformanceClient({ url, ...VIEW });
  for (const reader of [stalled, dropped]) {
    t.teardown(() => reader.disconnect());
    reader.connect();
    await reader.untilCursor(app.replica.copy.head);
  }
  await dropped.disconnect();
  const id = dropped.copy.lastEventId;

  stalled.pause();
  // 1.3 MB each: the socket is full after a few of them, and the history forgets them long before the end.
  for (let i = 0; i < 30; i++) await fill(`round ${i}`);
  // Gone from the view without a trace but the one in the history: taken over, moved, removed.
  await app.publisher.patch('other', filled({ x: 0, y: 0, width: 50, height: 1, name: 'taken' }));
  await app.publisher.patch(
    'wall',
    new Map([...filled({ x: 60, y: 0, width: 50, height: 1, name: '' }).keys()].map((key) => [key, null])),
  );
  for (let i = 0; i < 60; i++)
    await app.publisher.patch('wall', filled({ x: 900, y: 0, width: 1, height: 1, name: `${i}` }));
  const head = app.replica.copy.head;
  stalled.resume();
  await stalled.untilCursor(head, 30_000);
  await sameAsManifest(t, stalled, url, VIEW, 'the stalled one');
  t.equal(stalled.counts.snapshots, 2, 'the whole region again');
  t.equal(stalled.counts.connections, 1);

  const opening = await readOpening(t, `${url}/manifest/stream?view=${VIEW.view}`, id);
  t.equal(opening.reason, 'gap');
  t.equal(opening.tiles.size, 200 * 20 - 50);
  dropped.connect();
  await dropped.untilCursor(head, 30_000);
  await sameAsManifest(t, dropped, url, VIEW, 'the dropped one');
  t.equal(dropped.counts.snapshots, 2);
  for (const reader of [stalled, dropped]) {
    const { cursor } = await app.publisher.patch(
      'wall',
      filled({ x: 5, y: 5, width: 1, height: 1, name: `live ${reader.counts.events}` }),
    );
    await reader.untilCursor(cursor);
    await sameAsManifest(t, reader, url, VIEW, 'and live again');
  }
});
