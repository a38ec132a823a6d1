import { once } from 'node:events';
import t from 'tap';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import { StoreUnreachable } from '../../src/domain/store.ts';
import { Author } from '../contract/author.ts';
import { waitForHint } from '../contract/hinted.ts';
import { stateOf, tilePatch } from '../contract/samples.ts';
import { ended, forkChild, linesOf, runChild, spawnLimited } from './child.ts';

const clock = new SystemClock();

t.test('every acknowledged commit is there after a SIGKILL', async (t) => {
  const path = t.testdir();
  const acknowledged: string[] = [];
  for (const lives of [3, 40, 80]) {
    const child = forkChild(t, 'committing-child.ts', path, `life${lives}`);
    let lines = 0;
    // What is printed between the kill and the end counts too.
    for await (const line of linesOf(child)) {
      acknowledged.push(line);
      if (++lines === lives) child.kill('SIGKILL');
    }
    t.equal(await ended(child), null);
  }
  const store = await EmbeddedStore.open({ path, clock });
  t.teardown(() => store.close());
  const { log } = await stateOf(store); // checks the chain and the digest
  const kept = new Set<string>(log.map((commit) => commit.cursor));
  t.ok(acknowledged.length >= 123);
  t.same(
    acknowledged.filter((cursor) => !kept.has(cursor)),
    [],
  );
});

t.test('two processes on one folder share one chain, and hear of each other', async (t) => {
  const path = t.testdir();
  const store = await EmbeddedStore.open({ path, clock });
  t.teardown(() => store.close());
  const author = await Author.join(store);
  const hint = waitForHint(
    store,
    () => author.head === GENESIS,
    () => author.catchUp(),
  );
  const child = forkChild(t, 'committing-child.ts', path, 'child', '300');
  await hint;
  for (let i = 0; i < 100; i++) await author.write(tilePatch({ [`${i % 50},${i % 7}`]: `parent-${i}` }));
  t.equal(await ended(child), 0);
  await author.catchUp(); // throws on any break of the chain
  t.equal(author.history.length, 400);
  t.equal((await stateOf(store)).head, author.head);
});

// lmdb-js keeps one snapshot for a whole turn: a catch-up would have missed what was answered before it began.
t.test('a read sees what another process has committed, in the same turn of the event loop', async (t) => {
  const path = t.testdir();
  const store = await EmbeddedStore.open({ path, clock });
  t.teardown(() => store.close());
  t.equal(await store.head(), GENESIS);
  t.equal(runChild('committing-child.ts', path, 'child', '1'), 0);
  t.not(await store.head(), GENESIS);
});

t.test(
  'a folder that another process keeps locked is not waited for, and the write never comes late',
  async (t) => {
    const path = t.testdir();
    const store = await EmbeddedStore.open({ path, clock });
    t.teardown(() => store.close());
    const author = await Author.join(store);
    const child = forkChild(t, 'locking-child.ts', path);
    await once(child, 'message');
    await t.rejects(author.send(author.plan([tilePatch({ '0,0': 'late' })])), StoreUnreachable);
    t.equal(await store.head(), GENESIS, 'it still can be read');
    child.send('release');
    t.equal(await ended(child), 0);
    await author.write(tilePatch({ '1,1': 'on it goes' }));
    t.same([...(await stateOf(store)).manifest.tiles.keys()], ['1,1']);
  },
);

t.test('a full disk refuses whole commits, and loses nothing', async (t) => {
  const child = spawnLimited(t, 4096, 'filling-child.ts', t.testdir());
  const lines: string[] = [];
  for await (const line of linesOf(child)) lines.push(line);
  t.equal(await ended(child), 0);
  t.same(JSON.parse(lines.at(-1)!), {
    full: 'StoreUnanswered',
    again: 'StoreUnreachable',
    reread: true,
    freed: 'taken',
    small: 'taken',
    head: true,
    unhandled: [],
  });
});
