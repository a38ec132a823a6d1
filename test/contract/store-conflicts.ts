import type { Test } from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import { apply, emptyManifest } from '../../src/domain/patch.ts';
import { Author } from './author.ts';
import { idsOf, logText, loudBatch, mapText, stateOf, tilePatch } from './samples.ts';
import { worldFor, type WorldFactory } from './store-world.ts';

/** One head, one winner; the loser learns exactly what it missed. */
export async function conflictContract(t: Test, factory: WorldFactory): Promise<void> {
  await t.test('of two clients on one head one loses, gets what it missed, and then succeeds', async (t) => {
    const world = await worldFor(t, factory);
    const [a, b] = [await Author.join(await world.open()), await Author.join(await world.open())];
    const first = await a.write(tilePatch({ '0,0': 'a' }), tilePatch({ '1,0': 'a' }));
    const batch = b.plan([tilePatch({ '0,0': 'b' })]);
    const lost = await b.store.commit(batch);
    t.match(lost, { taken: false, why: 'head', missed: { found: true, head: a.head } });
    if (lost.taken) return;
    t.equal(logText(lost.missed.commits), logText(first));
    b.absorb(lost.missed);
    t.match(await b.send(b.plan([tilePatch({ '0,0': 'b' })])), { taken: true });
    t.equal((await stateOf(a.store)).manifest.tiles.get('0,0')?.brick, 'b');
  });

  await t.test('a refused batch leaves no trace', async (t) => {
    const world = await worldFor(t, factory);
    const a = await Author.join(await world.open());
    const stale = a.plan([tilePatch({ '0,0': 'lost', '5,5': 'lost' })]);
    await a.write(tilePatch({ '0,0': 'a' }));
    await a.send(a.plan([tilePatch({ '1,0': 'a' })], { grants: [{ id: 'held', generation: 'g', ttl: 60 }] }));
    const before = await stateOf(a.store);
    t.match(await a.store.commit(loudBatch(stale)), { taken: false, why: 'head' });
    const after = await stateOf(a.store);
    t.equal(after.head, before.head);
    t.equal(mapText(after.manifest), mapText(before.manifest));
    t.equal(logText(after.log), logText(before.log));
    t.match((await a.store.leases()).leases, [{ id: 'held', generation: 'g' }]);
    t.equal((await a.store.leases()).leases.length, 1);
  });

  await t.test('a client that tries again after a lost reply finds its own commit', async (t) => {
    const world = await worldFor(t, factory);
    const [a, b] = [await Author.join(await world.open()), await Author.join(await world.open())];
    const batch = a.plan([tilePatch({ '0,0': 'a' })]);
    await a.store.commit(batch); // and the reply is lost
    const again = await a.store.commit(batch);
    t.match(again, { taken: false, why: 'head', missed: { found: true, head: batch.commits[0]!.cursor } });
    t.same(again.taken ? [] : idsOf(again.missed.commits), idsOf(batch.commits));

    await b.catchUp();
    const [other] = await b.write(tilePatch({ '0,0': 'b' }));
    const later = await a.store.commit(batch);
    t.same(later.taken ? [] : idsOf(later.missed.commits), [batch.commits[0]!.id, other!.id]);
    t.same(idsOf((await a.store.read(batch.expect)).commits), [batch.commits[0]!.id, other!.id]);
    t.equal((await stateOf(a.store)).manifest.tiles.get('0,0')?.brick, 'b');
  });

  await t.test('eight clients at once leave one unbroken chain and the state it replays to', async (t) => {
    const world = await worldFor(t, factory);
    const stores = await Promise.all(Array.from({ length: 8 }, () => world.open()));
    const authors = await Promise.all(stores.map((store) => Author.join(store)));
    const written = await Promise.all(authors.map((author, i) => scribble(author, i, 40)));
    const state = await stateOf(await world.open());
    const replayed = emptyManifest();
    let prev = GENESIS;
    for (const commit of state.log) {
      t.equal(commit.prev, prev);
      apply(replayed, commit.patch);
      prev = commit.cursor;
    }
    t.equal(state.head, prev);
    t.equal(mapText(state.manifest), mapText(replayed));
    t.same(idsOf(state.log).sort(), written.flat().sort(), 'every commit once, and no other');
    for (const author of authors) {
      await author.catchUp();
      t.equal(mapText(author.manifest.copy()), mapText(replayed));
    }
  });

  await t.test('a client thousands of commits behind catches up in unbroken runs', async (t) => {
    const world = await worldFor(t, factory);
    const [a, b] = [await Author.join(await world.open()), await Author.join(await world.open())];
    for (let batch = 0; batch < 10; batch++)
      await a.write(...Array.from({ length: 250 }, (_, i) => tilePatch({ [`${i},${batch}`]: `${batch}` })));
    await b.catchUp(); // throws on any gap
    t.equal(b.head, a.head);
    t.equal(b.history.length, 2500);
    t.equal(mapText(b.manifest.copy()), mapText(a.manifest.copy()));
  });
}

/** Commits `count` small random batches; returns the ids of all commits that were taken. */
async function scribble(author: Author, seed: number, count: number): Promise<string[]> {
  let state = seed + 1;
  const random = (below: number) => (state = Math.imul(state, 48271) >>> 0) % below;
  const ids: string[] = [];
  while (count-- > 0) {
    const patches = Array.from({ length: 1 + random(3) }, () => {
      const entries = Array.from({ length: 1 + random(4) }, () => [
        `${random(6)},${random(6)}`,
        random(4) === 0 ? null : `b${random(9)}`,
      ]);
      return tilePatch(Object.fromEntries(entries) as Record<string, string | null>, `c${seed}`);
    });
    ids.push(...idsOf(await author.write(...patches)));
  }
  return ids;
}
