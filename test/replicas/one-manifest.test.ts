// Two replicas and a third on one Redis: whoever writes and reads anywhere sees one manifest.
import t from 'tap';
import { revisionOf, type Cursor } from '../../src/domain/cursor.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';
import { Fleet } from './fleet.ts';
import { hoppers } from './hopping-reader.ts';
import { moreWrites, whileWriting, writers } from './writer.ts';

t.test(
  'what one takes the other has, and neither is ever older than a cursor that it is shown',
  async (t) => {
    const fleet = await Fleet.start(t);
    const [one, two] = fleet.urls as [string, string];
    const wall = await HttpPublisher.join(one, 'wall');
    const readers = await hoppers(t, () => [two], new Random(1), 2);
    await Promise.all(readers.map(({ reader }) => reader.untilCursor(wall.cursor)));
    for (let i = 0; i < 100; i++) {
      const since = wall.cursor;
      const cursor = await wall.patch({ '0,0': { brick: `b${i}` } });
      const [atLeast, at, changes, noop] = await Promise.all([
        send('GET', `${two}/manifest?atLeast=${cursor}`),
        send('GET', `${two}/manifest?at=${cursor}`),
        send('GET', `${two}/manifest/changes?since=${since}&to=${cursor}`),
        send('PATCH', `${two}/compositors/wall/tiles`, { '0,0': { brick: `b${i}` } }),
      ]);
      for (const { body } of [atLeast, at, changes]) t.equal(body.tiles['0,0'].brick, `b${i}`);
      t.ok(revisionOf(atLeast.body.cursor as Cursor) >= revisionOf(cursor as Cursor));
      t.match(noop.body, { cursor, changed: 0 }, 'nor is a write there decided by an older manifest');
    }
    await HttpPublisher.join(one, 'other');
    const theirs = await send('PATCH', `${two}/compositors/other/tiles`, {
      '0,0': { brick: 'x', timestamp: 1 },
    });
    t.equal(theirs.body.type, '/problems/tile-taken');
    await wall.leave();
    t.equal((await send('PUT', `${two}/compositors/wall/lease`)).status, 404, 'nor a renewal');
    await fleet.allOne(readers);
  },
);

t.test('four compositors write through both at once: every write is one commit', async (t) => {
  const fleet = await Fleet.start(t);
  const random = new Random(2);
  const all = await writers(() => fleet.urls, random, ['a', 'b', 'c', 'd']);
  const readers = await hoppers(t, () => fleet.urls, random);
  await whileWriting(all, readers, () => moreWrites(all, 150), 0);
  const manifest = await fleet.allOne(readers);
  for (const writer of all) {
    writer.check(t, manifest);
    t.strictSame(writer.refusals, {}, 'who loses a race is not told of it');
  }
  const commits = all.reduce((sum, writer) => sum + writer.commits, 0);
  t.equal(manifest.revision, commits);
  t.ok(readers.some(({ hops }) => hops > 3));
  for (const { reader } of readers) t.equal(reader.counts.snapshots, 1, 'every hop was one patch');
});

t.test('a replica starts while the others write', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t);
  const random = new Random(3);
  const all = await writers(() => fleet.urls, random);
  const readers = await hoppers(t, () => fleet.urls, random);
  await whileWriting(all, readers, async () => {
    await moreWrites(all, 30);
    for (let i = 0; i < 2; i++) {
      await fleet.add();
      await moreWrites(all, 30);
    }
  });
  const manifest = await fleet.allOne(readers);
  t.equal(fleet.urls.length, 4);
  for (const writer of all) {
    writer.check(t, manifest);
    t.strictSame(writer.refusals, {});
  }
  for (const { reader } of readers)
    t.equal(reader.counts.snapshots, 1, 'the new ones know the whole history, too');
});
