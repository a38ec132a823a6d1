import t, { type Test } from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import { ImageWriter } from '../../../src/services/manifest/image-writer.ts';
import { headOfImage, tilesOfImage } from '../../../src/domain/tile-image.ts';
import { revisionOf } from '../../../src/domain/cursor.ts';
import type { HistoryPolicy } from '../../../src/domain/history.ts';
import type { ImageStore } from '../../../src/domain/store.ts';
import { loud } from '../../support/loud.ts';
import { world, writes } from '../../support/world.ts';

/** Keeps the images in memory, all of them. */
class Images implements ImageStore {
  readonly all: Buffer[] = [];
  #busy = false;

  async head() {
    return this.all.length > 0 ? headOfImage(this.all.at(-1)!) : undefined;
  }

  async write(pieces: AsyncIterable<Buffer>) {
    if (this.#busy) return;
    this.#busy = true;
    const image: Buffer[] = [];
    for await (const piece of pieces) image.push(piece);
    this.all.push(Buffer.concat(image));
    this.#busy = false;
  }
}

const row = (y: number, count: number, brick: string) =>
  writes(Object.fromEntries(Array.from({ length: count }, (_, x) => [`${x},${y}`, brick])));

/** A map of `rows` rows, and a writer of its images that does nothing by itself yet. */
async function mapOf(t: Test, rows: number, history: Partial<HistoryPolicy> = {}) {
  const services = await world(t, { history });
  const { replica, registry, publisher, clock } = services;
  const images = new Images();
  const work = new LongWork(clock);
  const another = () => new ImageWriter({ copy: replica.copy, images, work, log: { warn: loud.error } });
  await registry.register({ name: 'wall' }, 'take');
  for (let y = 0; y < rows; y++) await publisher.patch('wall', row(y, 4000, 'first'));
  return { ...services, images, writer: another(), another };
}

t.test('an image is what the map was at its cursor, whatever is committed meanwhile', async (t) => {
  const { replica, publisher, queries, images, writer } = await mapOf(t, 3);
  const { head } = replica.copy;
  const stopped = writer.stop();
  for (let i = 0; i < 20; i++) await publisher.patch('wall', row(i % 3, 500, `again ${i}`));
  await stopped;
  const [image] = images.all;
  t.equal(headOfImage(image!), head);
  t.strictSame(new Map(tilesOfImage(image!)), new Map((await queries.at(head)).tiles({})));
});

t.test('a new one is written before the log no longer leads on from the last', async (t) => {
  const { replica, publisher, images, writer } = await mapOf(t, 3, { commits: 40, seconds: 0 });
  writer.start();
  for (let i = 0; i < 100; i++) await publisher.patch('wall', row(3, 1, `again ${i}`));
  t.ok(images.all.length > 3, `${images.all.length} images`);
  t.ok(replica.copy.history.has(headOfImage(images.all.at(-1)!)!));
  await writer.stop();
  t.equal(await images.head(), replica.copy.head, 'the last one is of the end');
  const count = images.all.length;
  await writer.stop();
  t.equal(images.all.length, count, 'and is not written twice');
});

t.test('of several processes on one folder one writes it', async (t) => {
  // What went wrong: each of the workers wrote an image, for each quarter of the history and at the end.
  const { replica, publisher, images, writer, another } = await mapOf(t, 3, { commits: 40, seconds: 0 });
  const writers = [writer];
  writer.start();
  for (let i = 0; i < 3; i++) {
    // Each comes at another revision.
    await publisher.patch('wall', row(3, 1, `before ${i}`));
    writers.push(another());
    writers.at(-1)!.start();
  }
  const before = revisionOf(replica.copy.head);
  for (let i = 0; i < 100; i++) await publisher.patch('wall', row(3, 1, `again ${i}`));
  const quarters = Math.ceil((revisionOf(replica.copy.head) - before) / 10);
  t.ok(images.all.length <= quarters + 1, `${images.all.length} images in ${quarters} quarters`);
  t.ok(replica.copy.history.has(headOfImage(images.all.at(-1)!)!));
  const count = images.all.length;
  await Promise.all(writers.map((each) => each.stop()));
  t.equal(await images.head(), replica.copy.head);
  t.ok(images.all.length <= count + 1, 'one of the end');
});

t.test('a small map needs none', async (t) => {
  const { images, writer } = await mapOf(t, 1);
  await writer.stop();
  t.strictSame(images.all, []);
});
