import type { Test } from 'tap';
import { GENESIS, nextCursor, type Cursor } from '../../src/domain/cursor.ts';
import { apply } from '../../src/domain/patch.ts';
import { Author } from './author.ts';
import { compositor, compositorPatch, idsOf, mapText, stateOf, tilePatch } from './samples.ts';
import { worldFor, type WorldFactory } from './store-world.ts';

/** The log: what is kept, what is forgotten, and never a wrong answer about which is which. */
export async function historyContract(t: Test, factory: WorldFactory): Promise<void> {
  await t.test(
    'a trimmed log still answers from just before its first commit, and from no earlier',
    async (t) => {
      const author = await Author.join(await (await worldFor(t, factory)).open());
      const { store } = author;
      const commits = await author.write(
        ...Array.from({ length: 20 }, (_, i) => tilePatch({ '0,0': `b${i}` })),
      );
      const cursors = commits.map((commit) => commit.cursor);
      const last = author.plan([tilePatch({ '1,1': 'last' })], { keepFrom: 15 });
      t.same(await author.send(last), { taken: true });
      const ids = [...idsOf(commits), last.commits[0]!.id];
      const state = await stateOf(store);
      t.same(idsOf(state.log), ids.slice(14));
      t.equal(state.manifest.tiles.size, 2, 'the manifest keeps what the log forgot');
      for (const trimmed of [GENESIS, cursors[0]!, cursors[12]!])
        t.same(await store.read(trimmed), { head: author.head, commits: [], found: false });
      for (const index of [13, 14, 18, 19]) {
        const missed = await store.read(cursors[index]!);
        t.ok(missed.found);
        t.same(idsOf(missed.commits), ids.slice(index + 1));
      }
      t.same(await store.read(author.head), { head: author.head, commits: [], found: true });
      t.match(await store.commit(author.plan([], { expect: cursors[3]! })), {
        taken: false,
        why: 'head',
        missed: { found: false, commits: [], head: author.head },
      });
    },
  );

  await t.test('the newest commit stays, whatever a batch says to forget', async (t) => {
    const author = await Author.join(await (await worldFor(t, factory)).open());
    const commits = await author.write(tilePatch({ '0,0': 'a' }), tilePatch({ '0,0': 'b' }));
    t.same(await author.send(author.plan([], { keepFrom: 1_000_000 })), { taken: true });
    const state = await stateOf(author.store);
    t.same(idsOf(state.log), [commits[1]!.id]);
    t.equal(state.head, author.head);
    await author.write(tilePatch({ '0,0': 'c' }));
    t.same(idsOf((await stateOf(author.store)).log).length, 2);
  });

  await t.test('a cursor of another history is never found', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const [first] = await author.write(tilePatch({ '0,0': 'a' }), tilePatch({ '0,0': 'b' }));
    const foreign: Cursor[] = [
      nextCursor(GENESIS, 'another client'),
      nextCursor(first!.cursor, 'another client'),
      nextCursor(author.head, 'not yet'),
      '0-ffffffff',
      '999999-00000000',
      `${Number.MAX_SAFE_INTEGER}-00000000`,
    ];
    for (const cursor of foreign) {
      t.same(await author.store.read(cursor), { head: author.head, commits: [], found: false }, cursor);
      t.match(await author.store.commit(author.plan([tilePatch({ '9,9': 'x' })], { expect: cursor })), {
        taken: false,
        why: 'head',
        missed: { head: author.head, commits: [], found: false },
      });
    }
    t.equal((await stateOf(author.store)).manifest.tiles.size, 1);
  });

  await t.test('undoing the log, newest first, passes through every state there was', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const states = new Map<Cursor, string>([[author.head, mapText(author.manifest.copy())]]);
    const patches = [
      compositorPatch(compositor('wall'), compositor('desk')),
      tilePatch({ '0,0': 'a', '1,0': 'a', '2,0': 'a' }),
      tilePatch({ '0,0': 'b', '1,0': null }, 'desk'),
      { ...tilePatch({ '2,0': null, '1,0': 'c' }, 'desk'), compositors: new Map([['wall', null]]) },
      compositorPatch(compositor('wall', { again: 'yes' })),
      tilePatch({ '0,0': null, '1,0': null }),
    ];
    for (const patch of patches) {
      await author.write(patch);
      states.set(author.head, mapText(author.manifest.copy()));
    }
    const reader = await Author.join(await world.open());
    for (const [cursor, text] of states) {
      const past = reader.manifest.copy();
      apply(past, reader.history.undoTo(cursor));
      t.equal(mapText(past), text, cursor);
    }
  });
}
