// A daemon with a million tiles took 13 s to start, most of it to read one tile after the other.
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import type { Cursor } from '../../src/domain/cursor.ts';
import type { Manifest } from '../../src/domain/patch.ts';
import { ImageEncoder } from '../../src/domain/tile-image.ts';
import { PlainAuthor } from '../contract/plain-author.ts';
import { compositor, compositorPatch, mapText, stateOf, tilePatch } from '../contract/samples.ts';
import { tamper } from './embedded-world.ts';

async function world(t: Test) {
  const path = t.testdir();
  const store = await EmbeddedStore.open({ path, clock: new SystemClock() });
  t.teardown(() => store.close());
  const author = await PlainAuthor.join(store);
  await author.write(
    compositorPatch(compositor('wall'), compositor('giant')),
    tilePatch({ '0,0': 'a', '-5,7': 'b' }),
    tilePatch({ '1,1': 'c', '2,2': 'd' }, 'giant'),
  );
  return { path, store, author };
}

async function writeImage(store: EmbeddedStore, head: Cursor, { tiles }: Manifest): Promise<void> {
  const encoder = new ImageEncoder();
  await store.images.write(
    (async function* () {
      yield encoder.begin(head);
      const part = encoder.part(tiles);
      if (part) yield part;
      yield encoder.end();
    })(),
  );
}

/** Whoever reads the tiles one by one then sees nothing but this one. */
async function hideTiles(path: string): Promise<void> {
  await tamper(path, ({ tiles }) => tiles.clearSync());
}

t.test('the tiles are those of the image, with every commit since', async (t) => {
  const { path, store, author } = await world(t);
  const { head, manifest } = await stateOf(store);
  await writeImage(store, head, manifest);
  t.equal(await store.images.head(), head);
  await author.write(
    tilePatch({ '0,0': null, '3,3': 'e' }),
    'giant',
    compositorPatch(compositor('giant')),
    tilePatch({ '2,2': 'again' }, 'giant'),
  );
  await hideTiles(path);
  t.equal(mapText((await stateOf(store)).manifest), mapText(author.manifest));
});

t.test('an image of no use is no harm', async (t) => {
  const { path, store, author } = await world(t);
  const early = await stateOf(store);
  await author.write(tilePatch({ '9,9': 'z' }));
  const now = await stateOf(store);
  const wrong: Record<string, () => Promise<void>> = {
    'it is of another history': () =>
      writeImage(store, `${parseInt(now.head)}-00000000` as Cursor, now.manifest),
    'it has other tiles than its commit': () => writeImage(store, now.head, early.manifest),
    'it was cut': async () => {
      await writeImage(store, now.head, now.manifest);
      const image = await readFile(join(path, 'image'));
      await writeFile(join(path, 'image'), image.subarray(0, -5));
    },
    'the log no longer leads on from it': async () => {
      await writeImage(store, early.head, early.manifest);
      await author.send([tilePatch({ '8,8': 'y' })], { keepFrom: Number.MAX_SAFE_INTEGER });
    },
    'it is empty': () => writeFile(join(path, 'image'), ''),
    'it cannot be read': async () => {
      await rm(join(path, 'image'));
      await mkdir(join(path, 'image'));
    },
  };
  for (const [why, make] of Object.entries(wrong)) {
    await make();
    t.equal(mapText((await stateOf(store)).manifest), mapText(author.manifest), why);
  }
});

t.test('a write that fails leaves the image that is there', async (t) => {
  const { path, store } = await world(t);
  const { head, manifest } = await stateOf(store);
  await writeImage(store, head, manifest);
  const pieces = (async function* () {
    yield Buffer.from('half');
    throw new Error('the disk is full');
  })();
  await t.rejects(store.images.write(pieces), /disk is full/);
  await hideTiles(path);
  t.equal(mapText((await stateOf(store)).manifest), mapText(manifest));
});

t.test(
  'one process at a time writes, and one that ended in the middle holds up nobody for long',
  async (t) => {
    const { path, store } = await world(t);
    const { head, manifest } = await stateOf(store);
    const unfinished = join(path, 'image.tmp');
    await writeFile(unfinished, 'half');
    await writeImage(store, head, manifest);
    t.equal(await store.images.head(), undefined, 'somebody writes one');
    const longAgo = new Date(Date.now() - 61_000);
    await utimes(unfinished, longAgo, longAgo);
    await writeImage(store, head, manifest);
    t.equal(await store.images.head(), head);
    await t.rejects(readFile(unfinished), { code: 'ENOENT' });
  },
);
