import type { Test } from 'tap';
import type { ArchivableStore } from '../../src/domain/archivable-store.ts';
import { EMPTY_PART, type ArchivePart } from '../../src/domain/archive.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import type { StoreState } from '../../src/domain/store.ts';
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
import { worldFor, type StoreWorld, type WorldFactory } from './store-world.ts';

const LEASE = { id: 'wall', generation: 'wall-1', deadline: 1_900_000_000_123 };
const AT = { lines: 1, sum: 'a' };
const NAME = '0123456789abcdef';

const openIn = async (world: StoreWorld) => (await world.open()) as ArchivableStore;

/** The content of a store, as the parts of an archive. */
async function partsOf(store: ArchivableStore): Promise<ArchivePart[]> {
  const { manifest, log } = await stateOf(store);
  const { compositors, regions, tiles } = manifest;
  return [
    { ...EMPTY_PART, compositors: [...compositors], regions: [...regions], leases: [LEASE] },
    ...Array.from(tiles, (entry) => ({ ...EMPTY_PART, tiles: [entry] })),
    ...log.map((commit) => ({ ...EMPTY_PART, commits: [commit] })),
  ];
}

interface Sample {
  readonly state: StoreState;
  readonly parts: readonly ArchivePart[];
}

/** A map with everything in it, out of a store of its own. */
async function sample(t: Test, factory: WorldFactory): Promise<Sample> {
  let made: Sample | undefined;
  // A world is that of its test.
  await t.test('a map to take in', async (t) => {
    const store = await openIn(await worldFor(t, factory));
    const author = await Author.join(store);
    await author.write(compositorPatch(compositor('wall', { place: 'ünï 😀' })), tilePatch({ '0,0': 'a' }));
    const tiles = tilePatch({ '1,-1': 'b "\\', '2,0': 'c' });
    await author.write(tiles, regionPatch({ Ra: region('wall', '0,0,9,9') }));
    await author.send(author.plan([tilePatch({ '0,0': 'd' })], { keepFrom: 3 }));
    made = { state: await stateOf(store), parts: await partsOf(store) };
  });
  return made!;
}

async function take(store: ArchivableStore, parts: readonly ArchivePart[], name = NAME) {
  const intake = await store.takeIn(name);
  for (const part of parts) await intake.add(part, AT);
  return intake;
}

async function holds(t: Test, store: ArchivableStore, { manifest, log, head }: StoreState): Promise<void> {
  const state = await stateOf(store);
  t.equal(mapText(state.manifest), mapText(manifest));
  t.equal(logText(state.log), logText(log));
  t.equal(state.head, head);
}

/** What an archive holds becomes the content of a store, in one step. */
export async function intakeContract(t: Test, factory: WorldFactory): Promise<void> {
  await t.test('nobody sees what is taken in before it is finished, and then all of it', async (t) => {
    const { state, parts } = await sample(t, factory);
    const world = await worldFor(t, factory);
    const store = await openIn(world);
    const other = await openIn(world);
    const intake = await take(store, parts);
    t.equal(await other.head(), GENESIS);
    t.same((await other.leases()).leases, []);
    t.match(await stateOf(other), { head: GENESIS, log: [] });
    const taken = await intake.load();
    t.equal(mapText(taken.manifest.copy()), mapText(state.manifest));
    t.equal(await intake.finish({ replace: false, feature: 'regions' }), true);
    await intake.close();
    for (const each of [store, other, await openIn(world)]) {
      await holds(t, each, state);
      t.same((await each.leases()).leases, [LEASE], 'with its deadline');
    }
    t.equal(await world.feature(), 'regions');
    t.match(await other.describe(), { format: Number, bytes: Number, where: String });
    const author = await Author.join(other);
    await author.write(tilePatch({ '9,9': 'on it goes' }));
    t.equal((await stateOf(store)).manifest.tiles.size, 4);
  });

  await t.test('a store that holds something is replaced, whole, only if that is wanted', async (t) => {
    const { state, parts } = await sample(t, factory);
    const world = await worldFor(t, factory);
    const store = await openIn(world);
    const author = await PlainAuthor.join(store);
    await author.write(compositorPatch(compositor('desk')), tilesOf('desk', 'old', 20));
    await author.send([], { grants: [{ id: 'desk', generation: 'desk-1', ttl: 60 }] });
    await author.write('desk', tilesOf('desk', 'new', 3));
    const before = await stateOf(store);
    const intake = await take(store, parts);
    t.equal(await intake.finish({ replace: false, feature: 'regions' }), false);
    await holds(t, store, before);
    t.equal(await intake.finish({ replace: true, feature: 'regions' }), true);
    await intake.close();
    await holds(t, store, state);
    t.same((await store.leases()).leases, [LEASE], 'the lease from before is gone');
    // One with the id that was withdrawn before: what counts as older than that withdrawal must be forgotten with it.
    const after = await PlainAuthor.join(store);
    await after.write(tilesOf('desk', 'again', 5, 50));
    t.equal((await stateOf(await openIn(world))).manifest.tiles.size, state.manifest.tiles.size + 5);
    t.equal((await world.stored()).withdrawn, 0);
  });

  await t.test('one that was cut is taken up by the next of the same name, and by no other', async (t) => {
    const { state, parts } = await sample(t, factory);
    const world = await worldFor(t, factory);
    const half = parts.length - 1;
    const cut = await take(await openIn(world), parts.slice(0, half));
    await cut.add(EMPTY_PART, { lines: 7, sum: 'seven' });
    await cut.close();
    const store = await openIn(world);
    const intake = await store.takeIn(NAME);
    t.same(intake.progress, { lines: 7, sum: 'seven' });
    // The last one once more: its process may have ended before it knew that it was taken.
    for (const part of parts.slice(half - 1)) await intake.add(part, AT);
    t.equal(await intake.finish({ replace: false, feature: 'regions' }), true);
    await intake.close();
    await holds(t, store, state);
    t.equal((await store.takeIn(NAME)).progress, undefined, 'what was finished is no more');
  });

  await t.test('what another archive left behind, or was discarded, is not taken in', async (t) => {
    const { state, parts } = await sample(t, factory);
    const world = await worldFor(t, factory);
    const store = await openIn(world);
    const other = await take(
      store,
      [{ ...EMPTY_PART, tiles: [['5,5', state.manifest.tiles.get('0,0')!]] }],
      'other',
    );
    await other.close();
    const discarded = await take(store, [
      { ...EMPTY_PART, tiles: [['6,6', state.manifest.tiles.get('0,0')!]] },
    ]);
    await discarded.discard();
    const intake = await take(store, parts);
    t.equal(intake.progress, undefined);
    t.equal(await intake.finish({ replace: false, feature: 'none' }), true);
    await intake.close();
    await holds(t, store, state);
  });

  await t.test('of two at once no half is ever seen', async (t) => {
    const { state, parts } = await sample(t, factory);
    const world = await worldFor(t, factory);
    const [store, other] = [await openIn(world), await openIn(world)];
    const lone = (await partsOf(store)).slice(0, 1);
    const run = async (target: ArchivableStore, some: readonly ArchivePart[], name: string) => {
      const intake = await target.takeIn(name);
      try {
        for (const part of some) await intake.add(part, AT);
        return await intake.finish({ replace: false, feature: 'regions' });
      } finally {
        await intake.discard();
      }
    };
    // The second has no commits, so it is nothing that could be finished; it only gets in the way.
    const [first] = await Promise.allSettled([run(store, parts, NAME), run(other, lone, 'other')]);
    if (first.status === 'fulfilled') await holds(t, other, state);
    else t.equal(await other.head(), GENESIS);
    t.equal(await run(store, parts, NAME), first.status !== 'fulfilled', 'and alone it goes on');
    await holds(t, other, state);
  });

  await t.test('to load it finds what contradicts itself', async (t) => {
    const { parts } = await sample(t, factory);
    const store = await openIn(await worldFor(t, factory));
    const intake = await take(
      store,
      parts.filter(({ tiles }) => tiles.length === 0),
    );
    await t.rejects(intake.load(), /its tiles have the digest 0-00000000, but 5-/);
    await intake.discard();
    t.equal(await store.head(), GENESIS);
  });

  await t.test(
    'those who follow the store hear of it, and miss nothing that they could have read',
    async (t) => {
      const { state, parts } = await sample(t, factory);
      const world = await worldFor(t, factory);
      const author = await Author.join(await openIn(world));
      await author.write(tilePatch({ '0,0': 'another history' }));
      const heard = new Promise<void>((resolve) => t.teardown(author.store.follow(resolve)));
      const intake = await take(await openIn(world), parts);
      t.equal(await intake.finish({ replace: true, feature: 'regions' }), true);
      await intake.close();
      await heard;
      t.same(await author.store.read(author.head), { head: state.head, commits: [], found: false });
      t.match(await author.store.read(state.log[0]!.cursor), { found: true, head: state.head });
      t.match(await author.store.commit(author.plan([tilePatch({ '1,1': 'late' })])), {
        taken: false,
        why: 'head',
        missed: { found: false },
      });
    },
  );
}
