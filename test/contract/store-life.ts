import type { Test } from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import { StoreUnreachable } from '../../src/domain/store.ts';
import { Author } from './author.ts';
import { waitForHint } from './hinted.ts';
import { logText, mapText, stateOf, tilePatch } from './samples.ts';
import { worldFor, type WorldFactory } from './store-world.ts';

/** Opening, following, closing. */
export async function lifeContract(t: Test, factory: WorldFactory): Promise<void> {
  await t.test('a follower gets a hint when another client commits', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const reader = await Author.join(await world.open());
    for (const brick of ['a', 'b', 'c']) {
      const hint = waitForHint(
        reader.store,
        () => reader.head !== author.head,
        () => reader.catchUp(),
      );
      await author.write(tilePatch({ '0,0': brick }));
      await hint;
      t.equal(reader.head, author.head);
    }
  });

  await t.test('a follower gets a hint of a refill', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    await author.write(tilePatch({ '0,0': 'a' }));
    const state = await stateOf(author.store);
    await world.wipe();
    const reader = await Author.join(await world.open());
    const hint = waitForHint(
      reader.store,
      () => reader.head !== state.head,
      () => reader.catchUp().catch(() => undefined),
    );
    t.equal(await author.store.refill({ ...state }), true);
    await hint;
  });

  await t.test('a follower that left gets no hint, and one that follows twice may leave once', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const store = await world.open();
    let calls = 0;
    const listener = () => {
      calls += 1;
    };
    const leave = store.follow(listener);
    store.follow(listener)();
    leave();
    leave();
    const reader = await Author.join(store);
    const hint = waitForHint(
      store,
      () => reader.head !== author.head,
      () => reader.catchUp(),
    );
    await author.write(tilePatch({ '0,0': 'a' }));
    await hint;
    t.equal(calls, 0);
  });

  await t.test('what was committed is there after every client has closed', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    await author.write(tilePatch({ '0,0': 'a' }), tilePatch({ '0,0': 'b', '1,1': 'c' }));
    await author.send(author.plan([], { grants: [{ id: 'wall', generation: 'one', ttl: 600 }] }));
    const before = await stateOf(author.store);
    const leases = await author.store.leases();
    await author.store.close();
    const store = await world.open();
    const after = await stateOf(store);
    t.equal(after.head, before.head);
    t.equal(mapText(after.manifest), mapText(before.manifest));
    t.equal(logText(after.log), logText(before.log));
    t.same((await store.leases()).leases, leases.leases);
    await (await Author.join(store)).write(tilePatch({ '2,2': 'd' }));
  });

  await t.test('a closed store says that it cannot be reached; the others go on', async (t) => {
    const world = await worldFor(t, factory);
    const [closed, open] = [await world.open(), await world.open()];
    const author = await Author.join(closed);
    const batch = author.plan([tilePatch({ '0,0': 'a' })]);
    const state = await stateOf(closed);
    const leave = closed.follow(() => undefined);
    await closed.close();
    await closed.close();
    leave();
    const calls: (() => Promise<unknown>)[] = [
      () => stateOf(closed),
      () => closed.commit(batch),
      () => closed.head(),
      () => closed.read(GENESIS),
      () => closed.leases(),
      () => closed.renew([]),
      () => closed.refill(state),
    ];
    for (const call of calls) await t.rejects(call(), StoreUnreachable);
    t.equal(await open.head(), GENESIS);
    await (await Author.join(open)).write(tilePatch({ '0,0': 'b' }));
  });

  await t.test('what is under way when a store closes is answered, and true', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const batch = author.plan([tilePatch({ '0,0': 'a' })]);
    const answer = author.store.commit(batch).then(
      ({ taken }) => taken,
      () => undefined,
    );
    await author.store.close();
    const taken = await answer;
    const head = await (await world.open()).head();
    if (taken !== undefined) t.equal(head, taken ? batch.commits[0]!.cursor : GENESIS);
    else t.ok([GENESIS, batch.commits[0]!.cursor].includes(head));
  });
}
