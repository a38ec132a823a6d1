// Redis loses what it had, under replicas that remember: emptied, or set back to an older
// dump. What the replicas remember comes back under the same cursors; what was another history is a reset, for all.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../support/daemon.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';
import { Fleet, KEEPS_ALL } from './fleet.ts';
import { hoppers } from './hopping-reader.ts';
import { moreWrites, whileWriting, writers } from './writer.ts';

t.test('FLUSHALL three times while all write: the same history goes on', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t);
  const random = new Random(5);
  const all = await writers(() => fleet.urls, random);
  const readers = await hoppers(t, () => fleet.urls, random);
  await whileWriting(all, readers, async () => {
    for (let i = 0; i < 3; i++) {
      await moreWrites(all, 30);
      await fleet.client.flushall();
    }
    await moreWrites(all, 30);
  });
  const manifest = await fleet.allOne(readers);
  for (const writer of all) {
    writer.check(t, manifest);
    t.equal(writer.returns, 0, 'nobody had to register again');
    t.equal((await send('PUT', `${fleet.urls[0]}/compositors/${writer.id}/lease`)).status, 200);
  }
  for (const { reader } of readers) t.equal(reader.counts.snapshots, 1, 'and no reader saw anything of it');
});

t.test('emptied while one replica is gone: who boots does not win against who remembers', async (t) => {
  const fleet = await Fleet.start(t);
  const wall = await HttpPublisher.join(fleet.urls[0]!, 'wall');
  await wall.patch({ '0,0': { brick: 'kept' } });
  for (let i = 0; i < 3; i++) {
    const gone = fleet.daemons[1]!;
    await gone.stop('SIGKILL');
    const head = wall.cursor;
    await fleet.client.flushall();
    // It boots into the empty Redis, and somebody writes through it as soon as it takes requests.
    const booted = await fleet.add(gone.port);
    const late = await HttpPublisher.join(booted.url, `late-${i}`);
    const { body } = await send('GET', `${booted.url}/manifest?at=${head}`);
    t.equal(body.tiles['0,0'].brick, 'kept');
    t.equal(parseInt(late.cursor), parseInt(head) + 1, 'the next commit, not a first one');
    wall.cursors.push(late.cursor);
    await fleet.allOne();
  }
});

t.test(
  'an older dump is restored: the replicas put back what came after it',
  { timeout: 60_000 },
  async (t) => {
    const dir = await temporaryFolder(t);
    const fleet = await Fleet.start(t, { redis: { dir } });
    const random = new Random(6);
    const all = await writers(() => fleet.urls, random);
    const readers = await hoppers(t, () => fleet.urls, random);
    await whileWriting(all, readers, async () => {
      await moreWrites(all, 30);
      await fleet.client.save();
      await copyFile(join(dir, 'dump.rdb'), join(dir, 'old.rdb'));
      await moreWrites(all, 30);
      await fleet.redis.stop('SIGKILL');
      await fleet.redis.restart(['--dbfilename', 'old.rdb']);
      await moreWrites(all, 30);
    });
    const manifest = await fleet.allOne(readers);
    for (const writer of all) writer.check(t, manifest);
    for (const { reader } of readers) t.equal(reader.counts.snapshots, 1, 'the same history');
  },
);

t.test(
  'nobody is left who remembers: a reset for all, and compositors come back',
  { timeout: 60_000 },
  async (t) => {
    const fleet = await Fleet.start(t, { args: ['--store-refill=never'], redis: { args: KEEPS_ALL } });
    const random = new Random(7);
    const all = await writers(() => fleet.urls, random);
    const readers = await hoppers(t, () => fleet.urls, random);
    const lost = await all[0]!.write();
    await whileWriting(all, readers, async () => {
      await moreWrites(all, 30);
      await fleet.client.flushall();
      await moreWrites(all, 30);
    });
    const manifest = await fleet.allOne(readers);
    for (const writer of all) {
      writer.check(t, manifest);
      t.equal(writer.returns, 1, 'told 404, it registered and sent all it has');
    }
    for (const { reader } of readers)
      t.ok(reader.counts.snapshots >= 2, 'told that the history is another one');
    for (const url of fleet.urls)
      t.equal((await send('GET', `${url}/manifest?at=${lost}`)).status, 410, 'and the old one is gone');
  },
);
