import t from 'tap';
import { FileMemory } from '../../src/domain/file-memory.ts';
import { emptyManifest, patchOf, type Patch } from '../../src/domain/patch.ts';
import { finish } from '../../src/domain/steps.ts';
import type { Tile } from '../../src/domain/tile.ts';
import { applied, inverse } from '../support/algebra.ts';

const tile = (timestamp: number, brick = `at ${timestamp}`, compositor = 'wall'): Tile => ({
  brick,
  timestamp,
  compositor,
});

/** A memory that follows a map. */
function following(since = 0) {
  const memory = new FileMemory(since);
  let manifest = emptyManifest();
  const commit = (tiles: Record<string, Tile | null>) => {
    const patch: Patch = patchOf({ tiles: new Map(Object.entries(tiles)) });
    finish(memory.take({ patch, undo: inverse(manifest, patch) }, 'all'));
    manifest = applied(manifest, patch);
  };
  const isNew = (key: string, { brick, timestamp }: Tile, owner = 'file') =>
    memory.isNew(key, { brick, timestamp }, manifest.tiles.get(key), owner);
  return { memory, commit, isNew };
}

t.test('what is newer than all that a cell had is new', async (t) => {
  const { commit, isNew } = following();
  t.equal(isNew('0,0', tile(0)), true, 'nothing was there');
  commit({ '0,0': tile(10) });
  t.equal(isNew('0,0', tile(11)), true);
  t.equal(isNew('0,0', tile(10)), false);
  t.equal(isNew('0,0', tile(9)), false);
  commit({ '0,0': null });
  t.equal(isNew('0,0', tile(10)), false, 'it was removed');
  t.equal(isNew('0,0', tile(11)), true);
  commit({ '0,0': tile(20) });
  commit({ '0,0': tile(5) });
  t.equal(isNew('0,0', tile(15)), false, 'its owner went back in time');
  t.equal(isNew('0,0', tile(20)), false);
  t.equal(isNew('0,0', tile(21)), true);
});

t.test('as new as what is there: only over a tile of one’s own, and once', async (t) => {
  const { commit, isNew } = following();
  commit({ '0,0': tile(10, 'a', 'file'), '1,0': tile(10, 'a', 'wall') });
  t.equal(isNew('0,0', tile(10, 'b')), true);
  t.equal(isNew('1,0', tile(10, 'b')), false);
  commit({ '0,0': tile(10, 'b', 'file') });
  t.equal(isNew('0,0', tile(10, 'a')), false);
  commit({ '0,0': null });
  t.equal(isNew('0,0', tile(10, 'a')), false);
  t.equal(isNew('0,0', tile(10, 'c')), true);
});

t.test('what is known to who has a value, unless that value may have been there before', async (t) => {
  const { memory, commit } = following(100);
  commit({ '0,0': tile(50), '1,0': tile(200) });
  t.equal(memory.birth('0,0')?.knowledge, 'none', 'older than the memory');
  t.equal(memory.birth('1,0')?.knowledge, 'all');
  commit({ '1,0': null });
  commit({ '1,0': tile(200) });
  t.equal(memory.birth('1,0')?.knowledge, 'none', 'it came back');
  commit({ '1,0': tile(201) });
  t.match(memory.birth('1,0'), { since: 4, knowledge: 'all' });
  t.equal(memory.since('9,9'), 0);
});

t.test(
  'it forgets the oldest of very many, and takes nothing old for new knowledge then',
  { timeout: 60_000 },
  async (t) => {
    const { memory, commit, isNew } = following();
    const many = 100_001;
    for (let at = 0; at < many; at += 10_000) {
      const part = Array.from({ length: Math.min(10_000, many - at) }, (_, i) => `${at + i},0`);
      commit(Object.fromEntries(part.map((key) => [key, tile(1000)])));
      commit(Object.fromEntries(part.map((key) => [key, null])));
    }
    t.equal(isNew('50000,0', tile(1000)), false, 'remembered');
    t.equal(isNew('0,0', tile(1000)), true, 'forgotten: it may come back');
    commit({ '0,0': tile(1000), '0,1': tile(1001) });
    t.equal(memory.birth('0,0')?.knowledge, 'none');
    t.equal(memory.birth('0,1')?.knowledge, 'all');
  },
);
