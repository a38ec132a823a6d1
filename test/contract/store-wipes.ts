import type { Test } from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import type { StoreState } from '../../src/domain/store.ts';
import { Author } from './author.ts';
import { compositor, compositorPatch, logText, mapText, stateOf, tilePatch } from './samples.ts';
import { worldFor, type WorldFactory } from './store-world.ts';

/** The data may disappear while stores are open; a client that still has it all may put it back. */
export async function wipeContract(t: Test, factory: WorldFactory): Promise<void> {
  await t.test('a wiped store is an empty one, and honours no cursor from before', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const lease = { id: 'wall', generation: 'one', ttl: 60 };
    await author.send(author.plan([tilePatch({ '0,0': 'a' })], { grants: [lease] }));
    await author.write(compositorPatch(compositor('wall')));
    await world.wipe();
    const { store } = author;
    t.equal(await store.head(), GENESIS);
    t.match(await stateOf(store), { head: GENESIS, log: [] });
    t.equal(mapText((await stateOf(store)).manifest), '[[],[],[]]');
    t.same(await store.read(author.head), { head: GENESIS, commits: [], found: false });
    t.same((await store.leases()).leases, []);
    t.same(await store.renew([lease]), [false]);
    t.match(await store.commit(author.plan([tilePatch({ '0,0': 'b' })])), {
      taken: false,
      why: 'head',
      missed: { head: GENESIS, commits: [], found: false },
    });
    const fresh = await Author.join(store);
    await fresh.write(tilePatch({ '5,5': 'new' }));
    t.same(await store.read(author.head), { head: fresh.head, commits: [], found: false });
  });

  await t.test('a refill brings everything back under its own cursors', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    await author.write(compositorPatch(compositor('wall')), tilePatch({ '0,0': 'a', '1,0': 'b' }));
    await author.send(author.plan([tilePatch({ '0,0': 'c' })], { keepFrom: 2 }));
    const state = await stateOf(author.store);
    t.equal(state.log.length, 2);
    t.equal(await author.store.refill(state), false, 'not while anything is there');
    await world.wipe();
    t.equal(await author.store.refill(state), true);
    t.equal(await author.store.refill(state), false, 'nor twice');
    const other = await world.open();
    t.equal(mapText((await stateOf(other)).manifest), mapText(state.manifest));
    t.equal(logText((await stateOf(other)).log), logText(state.log));
    t.equal(await other.head(), state.head);
    t.match(await other.read(state.log[0]!.cursor), { found: true, head: state.head });
    await author.write(tilePatch({ '9,9': 'on it goes' }));
    t.equal((await stateOf(other)).manifest.tiles.size, 3);
  });

  await t.test('only one of several refills at once wins, whole', async (t) => {
    const world = await worldFor(t, factory);
    const states: StoreState[] = [];
    for (let i = 0; i < 4; i++) {
      const author = await Author.join(await world.open());
      await author.write(
        tilePatch({ [`${i},0`]: `b${i}`, '0,9': `b${i}` }),
        tilePatch({ [`${i},1`]: `b${i}` }),
      );
      states.push(await stateOf(author.store));
      await world.wipe();
    }
    const stores = await Promise.all(states.map(() => world.open()));
    const won = await Promise.all(stores.map((store, i) => store.refill(states[i]!)));
    t.equal(won.filter(Boolean).length, 1);
    const winner = states[won.indexOf(true)]!;
    const state = await stateOf(stores[0]!);
    t.equal(state.head, winner.head);
    t.equal(mapText(state.manifest), mapText(winner.manifest));
    t.equal(logText(state.log), logText(winner.log));
  });

  await t.test('a commit that came first keeps a refill out', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    await author.write(tilePatch({ '0,0': 'old' }));
    const state = await stateOf(author.store);
    await world.wipe();
    const fresh = await Author.join(await world.open());
    await fresh.write(tilePatch({ '1,1': 'new' }));
    t.equal(await author.store.refill(state), false);
    t.same([...(await stateOf(fresh.store)).manifest.tiles.keys()], ['1,1']);
  });
}
