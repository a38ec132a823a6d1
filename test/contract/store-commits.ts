import type { Test } from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import { patchOf } from '../../src/domain/patch.ts';
import { Author } from './author.ts';
import {
  compositor,
  compositorPatch,
  idsOf,
  logText,
  loudBatch,
  mapText,
  stateOf,
  tile,
  tilePatch,
} from './samples.ts';
import { worldFor, type WorldFactory } from './store-world.ts';

/** What is committed is there, whole, in order, for everyone. */
export async function commitContract(t: Test, factory: WorldFactory): Promise<void> {
  await t.test('a store never used is an empty manifest at genesis', async (t) => {
    const store = await (await worldFor(t, factory)).open();
    const state = await stateOf(store);
    t.equal(state.head, GENESIS);
    t.equal(mapText(state.manifest), '[[],[],[]]');
    t.same(state.log, []);
    t.equal(await store.head(), GENESIS);
    t.same(await store.read(GENESIS), { head: GENESIS, commits: [], found: true });
    t.same((await store.leases()).leases, []);
  });

  await t.test('entries come back as they were, whatever their keys and characters', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const labels = { ['__proto__']: 'p', constructor: 'c', é: '😀', empty: '' };
    const odd = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'é', '0', '-1'];
    const tiles = patchOf({
      tiles: new Map([
        ['3,-4', tile('wall.rts.png')],
        ['-2147483648,2147483647', tile('ünïcödé-煉瓦-🧱.png', '__proto__', 0)],
        ['2147483647,-2147483648', tile('"\\ \u2028\u2029 </script>', 'constructor', 1_700_000_000.123456)],
        ['-1,-1', tile('x'.repeat(255), 'toString', -1e-7)],
        ['0,0', tile('zero', 'wall', -0)],
      ]),
    });
    await author.write(
      compositorPatch(compositor('wall', labels), ...odd.map((id) => compositor(id))),
      tiles,
    );
    for (const store of [author.store, await world.open()]) {
      const state = await stateOf(store);
      t.equal(state.head, author.head);
      t.equal(mapText(state.manifest), mapText(author.manifest.copy()));
      t.equal(logText(state.log), logText([...author.history.between(GENESIS)]));
      t.same(state.manifest.compositors.get('wall')?.labels, labels);
      t.ok(Object.hasOwn(state.manifest.compositors.get('wall')!.labels, '__proto__'));
    }
  });

  await t.test('a value replaces the entry whole, null removes it, and both may be undone', async (t) => {
    const author = await Author.join(await (await worldFor(t, factory)).open());
    const [first] = await author.write(tilePatch({ '0,0': 'a', '1,0': 'b' }));
    await author.write(compositorPatch(compositor('wall', { floor: '1' })));
    await author.write(
      compositorPatch(compositor('wall')),
      tilePatch({ '0,0': null, '1,0': 'c', '9,9': null }),
    );
    const { manifest } = await stateOf(author.store);
    t.same(manifest.compositors.get('wall')?.labels, {});
    t.same([...manifest.tiles], [['1,0', tile('c')]]);
    await author.write(patchOf({ compositors: new Map([['wall', null]]), tiles: first!.undo.tiles }));
    t.equal(mapText((await stateOf(author.store)).manifest), '[[],[],[]]');
  });

  await t.test('10,000 tiles are one commit, and so is the end of their compositor', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const many = Array.from({ length: 10_000 }, (_, i) => [`${i % 100},${-Math.floor(i / 100)}`, `b${i}`]);
    const tiles = tilePatch(Object.fromEntries(many) as Record<string, string>);
    await author.write({ ...tiles, compositors: new Map([['wall', compositor('wall')]]) });
    t.equal(mapText((await stateOf(await world.open())).manifest), mapText(author.manifest.copy()));
    const removals = new Map([...tiles.tiles.keys()].map((key) => [key, null]));
    await author.write(patchOf({ compositors: new Map([['wall', null]]), tiles: removals }));
    const state = await stateOf(author.store);
    t.equal(mapText(state.manifest), '[[],[],[]]');
    t.equal(state.log.length, 2);
    t.equal(state.log[1]!.undo.tiles.size, 10_000);
  });

  await t.test('a batch of several commits is taken as one, in its order', async (t) => {
    const author = await Author.join(await (await worldFor(t, factory)).open());
    const patches = Array.from({ length: 50 }, (_, i) => tilePatch({ '0,0': `b${i}`, [`${i},1`]: 'x' }));
    const commits = await author.write(...patches);
    const state = await stateOf(author.store);
    t.same(idsOf(state.log), idsOf(commits));
    t.equal(state.head, commits.at(-1)!.cursor);
    t.equal(state.manifest.tiles.get('0,0')?.brick, 'b49');
    t.equal(state.manifest.tiles.size, 51);
    t.same(idsOf((await author.store.read(commits[40]!.cursor)).commits), idsOf(commits.slice(41)));
  });

  await t.test('a batch without commits only checks', async (t) => {
    const author = await Author.join(await (await worldFor(t, factory)).open());
    t.same(await author.store.commit(author.plan([])), { taken: true });
    const [first] = await author.write(tilePatch({ '0,0': 'a' }));
    t.same(await author.store.commit(author.plan([])), { taken: true });
    t.equal(await author.store.head(), author.head);
    const late = await author.store.commit(author.plan([], { expect: GENESIS }));
    t.match(late, { taken: false, why: 'head', missed: { found: true, head: author.head } });
    t.same(late.taken ? [] : idsOf(late.missed.commits), [first!.id]);
  });

  await t.test('two batches of one client may be under way at once', async (t) => {
    const author = await Author.join(await (await worldFor(t, factory)).open());
    const first = author.plan([tilePatch({ '0,0': 'a' })]);
    const second = author.plan([tilePatch({ '0,0': 'b' })], { expect: first.commits[0]!.cursor });
    const check = author.plan([], { expect: second.commits[0]!.cursor });
    const results = await Promise.all([first, second, check].map((batch) => author.store.commit(batch)));
    t.same(results, [{ taken: true }, { taken: true }, { taken: true }]);
    t.equal((await stateOf(author.store)).manifest.tiles.get('0,0')?.brick, 'b');
  });

  await t.test('when the first of two loses, the second on top of it does too', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const first = author.plan([tilePatch({ '0,0': 'a' })]);
    const second = author.plan([tilePatch({ '0,0': 'b' })], { expect: first.commits[0]!.cursor });
    const winner = await Author.join(await world.open());
    const [won] = await winner.write(tilePatch({ '7,7': 'w' }));
    const [one, two] = await Promise.all([
      author.store.commit(first),
      author.store.commit(loudBatch(second)),
    ]);
    t.match(one, { taken: false, why: 'head', missed: { found: true } });
    t.match(two, { taken: false, why: 'head', missed: { found: false, commits: [], head: won!.cursor } });
    t.same([...(await stateOf(winner.store)).manifest.tiles.keys()], ['7,7']);
    t.same((await winner.store.leases()).leases, []);
  });
}
