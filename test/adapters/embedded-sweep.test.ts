import t from 'tap';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { PlainAuthor } from '../contract/plain-author.ts';
import { mapText, stateOf, tilesOf } from '../contract/samples.ts';
import { withdrawalContract } from '../contract/store-withdrawals.ts';
import { ended, forkChild, linesOf } from './child.ts';
import { embeddedWorld, tamper } from './embedded-world.ts';

const clock = new SystemClock();

// Here a sweep takes so many transactions that most of each test happens in its middle.
t.test('the embedded store, while a sweep goes on', (t) =>
  withdrawalContract(t, (t) => embeddedWorld(t, 100)),
);

t.test('the format changes with the first withdrawal, and both are read', async (t) => {
  const path = t.testdir();
  for (const [format, change] of [
    [1, tilesOf('giant', 'g', 10)],
    [2, 'giant'],
    [2, tilesOf('other', 'o', 10)],
  ] as const) {
    const store = await EmbeddedStore.open({ path, clock });
    const author = await PlainAuthor.join(store);
    await author.write(change);
    await tamper(path, ({ meta }) => t.equal(meta.get('format'), format));
    await store.close();
  }
});

t.test('the process that withdrew a compositor is killed: another one sweeps', async (t) => {
  const path = t.testdir();
  const child = forkChild(t, 'withdrawing-child.ts', path);
  for await (const line of linesOf(child)) if (line === 'withdrawn') child.kill('SIGKILL');
  t.equal(await ended(child), null);
  let left = 0;
  await tamper(path, ({ tiles }) => (left = tiles.getCount()));
  t.ok(left > 10, `${left} lie there`);
  const store = await EmbeddedStore.open({ path, clock });
  t.teardown(() => store.close());
  const author = await PlainAuthor.join(store);
  t.same(
    new Set([...author.manifest.tiles.values()].map(({ compositor }) => compositor)),
    new Set(['other']),
  );
  await author.write(tilesOf('giant', 'again', 20, 5));
  while (left > author.manifest.tiles.size) await tamper(path, ({ tiles }) => (left = tiles.getCount()));
  t.equal(mapText((await stateOf(store)).manifest), mapText(author.manifest));
});

t.test('a store that closes in the middle of a sweep ends it, and the process ends', async (t) => {
  const child = forkChild(t, 'withdrawing-child.ts', t.testdir(), 'close');
  const lines: string[] = [];
  for await (const line of linesOf(child)) lines.push(line);
  t.equal(await ended(child), 0);
  t.same(lines, ['withdrawn', 'closed']);
});
