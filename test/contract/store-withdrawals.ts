import type { Test } from 'tap';
import { applyCommits } from '../../src/domain/batch-changes.ts';
import { emptyManifest } from '../../src/domain/patch.ts';
import type { Store } from '../../src/domain/store.ts';
import { PlainAuthor } from './plain-author.ts';
import { compositor, compositorPatch, logText, mapText, stateOf, tilesOf } from './samples.ts';
import { worldFor, type StoreWorld, type WorldFactory } from './store-world.ts';

/** Several steps of any sweep, and more than one call of a script or a page of a scan carries. */
const COUNT = 5000;
/** A commit may withdraw a compositor with all its tiles: they are gone at once, whenever the store removes them. */
export async function withdrawalContract(t: Test, factory: WorldFactory): Promise<void> {
  const begin = async (t: Test) => {
    const world = await worldFor(t, factory);
    const author = await PlainAuthor.join(await world.open());
    await author.write(
      compositorPatch(compositor('giant'), compositor('other')),
      tilesOf('giant', 'g', COUNT),
    );
    return { world, author };
  };

  await t.test('all its tiles go, and nobody else’s; the entry of the log names none', async (t) => {
    const { world, author } = await begin(t);
    await author.write(tilesOf('other', 'o', 10, COUNT));
    const before = author.log.at(-1)!.cursor;
    await author.write('giant');
    await holds(t, await world.open(), author);
    const { commits } = await author.store.read(before);
    t.match(commits, [{ withdraws: 'giant', digest: author.log.at(-1)!.digest }]);
    t.equal(commits[0]!.patch.tiles.size + commits[0]!.undo.tiles.size, 0);
    t.ok(commits[0]!.undo.compositors.get('giant'), 'what it was before stays known');
    await swept(world);
    t.same(await world.stored(), { tiles: 10, withdrawn: 0 });
    await holds(t, await world.open(), author);
  });

  await t.test('what it takes from others, and what others took from it', async (t) => {
    const { world, author } = await begin(t);
    await author.write(tilesOf('other', 'taken', 50), tilesOf('other', 'lost', 50, 200));
    await author.write(tilesOf('giant', 'back', 50, 200));
    await author.write('giant');
    t.equal(author.manifest.tiles.size, 50);
    await holds(t, await world.open(), author);
    await swept(world);
    await holds(t, await world.open(), author);
  });

  await t.test('the id comes back at once, with some of its cells, and again after the sweep', async (t) => {
    const { world, author } = await begin(t);
    await author.write('giant');
    // Each in a batch of its own, while the sweep goes on; some before it has come there, some after.
    for (let i = 0; i < 40; i++) {
      const own = tilesOf('giant', `again${i}`, 20, (i * 617) % COUNT);
      await author.write(own, tilesOf('other', `o${i}`, 5, (i * 389) % COUNT));
      if (i % 8 === 0) await holds(t, await world.open(), author);
    }
    await holds(t, await world.open(), author);
    await swept(world);
    await holds(t, await world.open(), author);
    t.equal((await world.stored()).tiles, author.manifest.tiles.size);
    await author.write(tilesOf('giant', 'late', 10));
    await holds(t, await world.open(), author);
    await author.write('giant');
    await holds(t, await world.open(), author);
  });

  await t.test('two withdrawals of one id, of which the second comes during the sweep', async (t) => {
    const { world, author } = await begin(t);
    await author.write('giant');
    await author.write(tilesOf('giant', 'again', 1000, 500));
    await author.write('giant');
    await author.write(tilesOf('giant', 'once more', 100, 900));
    await holds(t, await world.open(), author);
    await swept(world);
    t.same(await world.stored(), { tiles: 100, withdrawn: 0 });
    await holds(t, await world.open(), author);
  });

  await t.test('many compositors, one after the other and at once', async (t) => {
    const { world, author } = await begin(t);
    const ids = Array.from({ length: 12 }, (_, i) => `c${i}`);
    await author.write(...ids.map((id, i) => tilesOf(id, id, 300, i * 250)));
    await author.write(...ids.slice(0, 6));
    for (const id of ids.slice(6, 9)) await author.write(id);
    await holds(t, await world.open(), author);
    await swept(world);
    await holds(t, await world.open(), author);
    t.equal((await world.stored()).tiles, author.manifest.tiles.size);
  });

  await t.test('a batch with writes before a withdrawal and after it', async (t) => {
    const { world, author } = await begin(t);
    await author.write(
      tilesOf('giant', 'before', 20, 90),
      tilesOf('giant', 'new', 20, COUNT),
      tilesOf('other', 'kept', 5, COUNT + 5),
      'giant',
      tilesOf('giant', 'after', 20, 100),
      tilesOf('other', 'o', 20, 300),
      'other',
      tilesOf('other', 'last', 3, 301),
      'nobody',
    );
    t.equal(author.manifest.tiles.size, 23);
    await holds(t, await world.open(), author);
    await swept(world);
    t.same(await world.stored(), { tiles: 23, withdrawn: 0 });
    await holds(t, await world.open(), author);
  });

  await t.test('its author ends right after the commit', async (t) => {
    const { world, author } = await begin(t);
    await author.write('giant');
    await author.store.close();
    const next = new PlainAuthor(await world.open(), author);
    await next.write(tilesOf('giant', 'again', 10));
    await holds(t, next.store, next);
    await swept(world);
    t.same(await world.stored(), { tiles: 10, withdrawn: 0 });
    await holds(t, next.store, next);
  });

  await t.test('the log may forget the withdrawal before its tiles are swept', async (t) => {
    const { world, author } = await begin(t);
    await author.write('giant');
    await author.send([tilesOf('giant', 'again', 10)], { keepFrom: Number.MAX_SAFE_INTEGER });
    author.log.splice(0, author.log.length - 1);
    await holds(t, await world.open(), author);
    await swept(world);
    await holds(t, await world.open(), author);
  });

  await t.test('a refill puts a log with withdrawals back, in the middle of a sweep', async (t) => {
    const { world, author } = await begin(t);
    await author.write(tilesOf('other', 'o', 30), 'giant', tilesOf('giant', 'again', 10, 50));
    const state = await stateOf(await world.open());
    await world.wipe();
    t.equal(await author.store.refill(state), true);
    await holds(t, await world.open(), author);
    t.same(await world.stored(), { tiles: 40, withdrawn: 0 });
    await author.write('other', tilesOf('giant', 'more', 5));
    await holds(t, await world.open(), author);
    await swept(world);
    await holds(t, await world.open(), author);
  });

  await t.test('it has no tile, or nobody knows it', async (t) => {
    const { world, author } = await begin(t);
    await author.write('other', 'nobody');
    await holds(t, await world.open(), author);
    await swept(world);
    t.same(await world.stored(), { tiles: COUNT, withdrawn: 0 });
  });
}

/** A client finds what the author made, and its log leads there. */
async function holds(t: Test, store: Store, author: PlainAuthor): Promise<void> {
  const { head, manifest, log } = await stateOf(store);
  t.equal(head, author.log.at(-1)!.cursor);
  t.ok(mapText(manifest) === mapText(author.manifest), 'the same map');
  t.ok(logText(log) === logText(author.log), 'the same log');
  if (log[0]?.prev !== '0-00000000') return;
  t.ok(mapText(applyCommits(emptyManifest(), log)) === mapText(manifest), 'which its log leads to');
}

/** Resolves when nothing is left to sweep. */
async function swept(world: StoreWorld): Promise<void> {
  while ((await world.stored()).withdrawn > 0);
}
