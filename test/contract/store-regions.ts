import type { Test } from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import { apply } from '../../src/domain/patch.ts';
import { Author } from './author.ts';
import { PlainAuthor } from './plain-author.ts';
import {
  compositor,
  compositorPatch,
  logText,
  mapText,
  region,
  regionPatch,
  stateOf,
  tilePatch,
  tilesOf,
} from './samples.ts';
import { worldFor, type WorldFactory } from './store-world.ts';

/** Regions are kept as compositors and tiles are, and only a store that has had one is no longer for those who do not know them. */
export async function regionContract(t: Test, factory: WorldFactory): Promise<void> {
  await t.test('a region comes back as it was, is replaced whole, and goes', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    await author.write(
      compositorPatch(compositor('wall')),
      regionPatch({
        Ra: region('wall', '-2147483648,-2147483648,2147483647,2147483647', { purpose: 'ünï 😀 "\\' }),
        Rb: region('wall', '0,0,0,0', { exclusive: false, purpose: '' }),
      }),
    );
    const holds = async () => {
      const state = await stateOf(await world.open());
      t.equal(mapText(state.manifest), mapText(author.manifest.copy()));
      t.equal(logText(state.log), logText([...author.history.between(GENESIS)]));
      return state.manifest.regions;
    };
    t.equal((await holds()).size, 2);
    await author.write(regionPatch({ Rb: region('wall', '5,5,9,9'), Ra: null }));
    t.same([...(await holds())], [['Rb', region('wall', '5,5,9,9')]]);
    await author.write(regionPatch({ Rb: null, Rc: null }));
    t.equal((await holds()).size, 0);
  });

  await t.test('undoing the log brings regions back', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const states = new Map([[author.head, mapText(author.manifest.copy())]]);
    for (const patch of [
      regionPatch({ Ra: region('wall', '0,0,9,9') }),
      { ...tilePatch({ '1,1': 'a' }), regions: new Map([['Rb', region('wall', '20,20,29,29')]]) },
      regionPatch({ Ra: region('desk', '0,0,1,1'), Rb: null }),
      regionPatch({ Ra: null }),
    ]) {
      await author.write(patch);
      states.set(author.head, mapText(author.manifest.copy()));
    }
    const reader = await Author.join(await world.open());
    for (const [cursor, text] of states)
      t.equal(mapText(apply(reader.manifest.copy(), reader.history.undoTo(cursor))), text, cursor);
  });

  await t.test('they go with their compositor, be it a giant, and leases of theirs with them', async (t) => {
    const world = await worldFor(t, factory);
    const author = await PlainAuthor.join(await world.open());
    await author.write(compositorPatch(compositor('giant'), compositor('other')), tilesOf('giant', 'g', 50));
    const regions = regionPatch({ Ra: region('giant', '0,0,9,9'), Rb: region('other', '20,0,29,9') });
    const leases = ['Ra', 'Rb'].map((id) => ({ id, generation: 'one', ttl: 60 }));
    await author.send([regions], { grants: leases });
    await author.send(['giant'], { drops: [leases[0]!] });
    const state = await stateOf(await world.open());
    t.equal(mapText(state.manifest), mapText(author.manifest));
    t.same([...state.manifest.regions.keys()], ['Rb']);
    t.match((await author.store.leases()).leases, [{ id: 'Rb', generation: 'one' }]);
    t.equal(logText(state.log.slice(-1)), logText(author.log.slice(-1).map(withoutTiles)));
  });

  await t.test('a refill brings them back', async (t) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    await author.write(tilePatch({ '0,0': 'a' }), regionPatch({ Ra: region('wall', '0,0,9,9') }));
    await author.send(author.plan([tilePatch({ '0,0': 'c' })], { keepFrom: 3 }));
    const state = await stateOf(author.store);
    await world.wipe();
    t.equal((await stateOf(author.store)).manifest.regions.size, 0);
    t.equal(await author.store.refill(state), true);
    t.equal(mapText((await stateOf(await world.open())).manifest), mapText(state.manifest));
    t.equal(await world.feature(), 'regions', 'though no commit of its log names one');
  });

  await t.test('the layout is that of before until there is a region, and is never lowered', async (t) => {
    const world = await worldFor(t, factory);
    const author = await PlainAuthor.join(await world.open());
    await author.write(compositorPatch(compositor('wall')), tilesOf('wall', 'w', 3));
    t.equal(await world.feature(), 'none');
    await author.write('wall');
    t.equal(await world.feature(), 'withdrawals');
    await author.write(regionPatch({ Ra: region('wall', '0,0,9,9') }));
    t.equal(await world.feature(), 'regions');
    await author.write(regionPatch({ Ra: null }), compositorPatch(compositor('wall')), 'wall');
    t.equal(await world.feature(), 'regions', 'its log still names one');
  });
}

function withoutTiles(commit: PlainAuthor['log'][number]): PlainAuthor['log'][number] {
  const none = { tiles: new Map<string, never>() };
  return { ...commit, patch: { ...commit.patch, ...none }, undo: { ...commit.undo, ...none } };
}
