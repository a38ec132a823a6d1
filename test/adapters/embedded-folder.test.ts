import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { NEWEST_FORMAT } from '../../src/adapters/embedded/tables.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import { StoreUnreachable } from '../../src/domain/store.ts';
import { Author } from '../contract/author.ts';
import { waitForHint } from '../contract/hinted.ts';
import { compositor, compositorPatch, stateOf, tilePatch } from '../contract/samples.ts';
import { tamper } from './embedded-world.ts';

const clock = new SystemClock();

async function filled(t: Test): Promise<string> {
  const path = t.testdir();
  const store = await EmbeddedStore.open({ path, clock });
  const author = await Author.join(store);
  await author.write(compositorPatch(compositor('wall')), tilePatch({ '0,0': 'a', '1,0': 'b' }));
  await author.write(tilePatch({ '0,0': 'c' }));
  await store.close();
  return path;
}

/** Opens and loads; the error that either gave. */
async function openError(path: string): Promise<Error> {
  let store: EmbeddedStore | undefined;
  try {
    store = await EmbeddedStore.open({ path, clock });
    await stateOf(store);
  } catch (error) {
    return error as Error;
  } finally {
    await store?.close();
  }
  throw new Error('it was not refused');
}

t.test('a folder that is not there is made, whatever it is called', async (t) => {
  const path = join(t.testdir(), 'deep', 'er', 'wall.data');
  const store = await EmbeddedStore.open({ path, clock, mapSize: 64 * 1024 * 1024 });
  await (await Author.join(store)).write(tilePatch({ '0,0': 'a' }));
  await store.close();
  t.ok(statSync(path).isDirectory());
});

t.test('a path that cannot be a folder is refused in one line that names it', async (t) => {
  const file = join(t.testdir({ file: 'a file' }), 'file');
  for (const [path, reason] of [
    [file, 'there is a file in its place'],
    [join(file, 'below'), 'there is a file in its way'],
  ] as const) {
    const { message } = await openError(path);
    t.equal(message, `The store's folder ${path} cannot be used: ${reason}.`);
  }
  t.equal(readFileSync(file, 'utf8'), 'a file');
});

t.test('a newer format is refused, and left as it is', async (t) => {
  const path = await filled(t);
  await tamper(path, (tables) => tables.meta.putSync('format', NEWEST_FORMAT + 1));
  for (const time of ['once', 'and again']) {
    const { message } = await openError(path);
    t.match(message, `has format ${NEWEST_FORMAT + 1}`, time);
    t.match(message, path);
    t.notMatch(message, '\n');
  }
});

t.test('a damaged folder is refused, and says what is wrong', async (t) => {
  const tile = (brick: string) => JSON.stringify({ brick, timestamp: 1, compositor: 'wall' });
  const cases: [string, Parameters<typeof tamper>[1], RegExp][] = [
    ['a tile changed', ({ tiles }) => tiles.putSync('0,0', tile('z')), /digest 2-.* left 2-/],
    ['a tile lost', ({ tiles }) => tiles.removeSync('0,0'), /digest 1-.* left 2-/],
    ['a tile too many', ({ tiles }) => tiles.putSync('7,7', tile('z')), /digest 3-.* left 2-/],
    ['half an entry', ({ tiles }) => tiles.putSync('0,0', '{"brick":"a'), /is not JSON/],
    ['a commit lost', ({ log }) => log.removeSync(2), /3-[0-9a-f]{8} follows 1-[0-9a-f]{8}, not 2-/],
    ['the last commit lost', ({ log }) => log.removeSync(3), /its head is 3-.* ends at 2-/],
    ['the whole log lost', ({ log }) => log.clearSync(), /its log is empty/],
    [
      'the head lost',
      ({ meta }) => meta.removeSync('head'),
      /its head is 0-00000000, but its log ends at 3-/,
    ],
    ['log and head lost', ({ log, meta }) => [log.clearSync(), meta.removeSync('head')], /a map, but no log/],
  ];
  for (const [what, damage, reason] of cases) {
    await t.test(what, async (t) => {
      const path = await filled(t);
      await tamper(path, damage);
      const { message } = await openError(path);
      t.ok(message.startsWith(`The store in ${path} is damaged: `), message);
      t.match(message, reason);
      t.notMatch(message, '\n');
    });
  }
});

// Left to LMDB, each of these ends the process with a signal.
t.test('a file that is not whole is refused, and not opened', async (t) => {
  const cases: [string, (file: string) => void][] = [
    ['another file', (file) => writeFileSync(file, 'garbage')],
    ['a large other file', (file) => writeFileSync(file, Buffer.alloc(200_000, 'noise'))],
    ['only one page', (file) => truncateSync(file, 4096)],
    ['cut off', (file) => truncateSync(file, 3 * 4096)],
    ['overwritten at the start', (file) => writeFileSync(file, 'x'.repeat(64), { flag: 'r+' })],
  ];
  for (const [what, damage] of cases) {
    await t.test(what, async (t) => {
      const path = await filled(t);
      damage(join(path, 'data.mdb'));
      const { message } = await openError(path);
      t.match(message, /^The store in .* is damaged: data\.mdb is [a-zA-Z ]+\. Restore it/);
    });
  }
});

t.test('what throws inside a transaction undoes itself, and spares its neighbours', async (t) => {
  const path = await filled(t);
  const results = await Promise.allSettled([
    tamper(path, ({ meta }) => meta.putSync('one', 1)),
    tamper(path, ({ meta }) => {
      meta.putSync('two', 2);
      throw new RangeError('half way');
    }),
    tamper(path, ({ meta }) => meta.putSync('three', 3)),
  ]);
  t.match(results, [
    { status: 'fulfilled' },
    { status: 'rejected', reason: RangeError },
    { status: 'fulfilled' },
  ]);
  await tamper(path, ({ meta }) => {
    t.same(
      ['one', 'two', 'three'].map((key) => meta.get(key)),
      [1, undefined, 3],
    );
  });
});

t.test('stores open and close on one folder in any order', async (t) => {
  const path = t.testdir();
  await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const store = await EmbeddedStore.open({ path, clock });
      await (await Author.join(store)).write(tilePatch({ [`${i},0`]: 'x' }));
      await store.close();
      await t.rejects(store.head(), StoreUnreachable);
    }),
  );
  const store = await EmbeddedStore.open({ path, clock });
  t.equal((await stateOf(store)).manifest.tiles.size, 12);
  await store.close();
});

t.test('inside one process a follower gets the hint at once, and not at the next check', async (t) => {
  const path = t.testdir();
  // With a clock whose waits never end there is no next check.
  const timeless: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    soon: (run) => clock.soon(run),
    after: () => () => undefined,
  };
  const follower = await EmbeddedStore.open({ path, clock: timeless });
  const store = await EmbeddedStore.open({ path, clock });
  t.teardown(() => Promise.all([follower.close(), store.close()]));
  const hint = waitForHint(
    follower,
    () => false,
    async () => undefined,
  );
  await (await Author.join(store)).write(tilePatch({ '0,0': 'a' }));
  await hint;
  t.not(await follower.head(), GENESIS);
});
