// What the writer of the shared file has changed. Each test is a history of the file; what makes it hard is that a program rewrites all of the
// file from its own copy, so that a tile which is missing may be removed, or may never have been in that copy.
import t from 'tap';
import type { FileTile } from '../../src/domain/file-tile.ts';
import { FileWorld, StaleWriter, type Tiles } from '../support/file-world.ts';

const tile = (brick: string, timestamp: number): FileTile => ({ brick: `${brick}.png`, timestamp });

/** A map of `api` tiles that the compositor `wall` has set at 100, and the file with it. */
function worldWith(...keys: string[]): FileWorld {
  const world = new FileWorld();
  world.publish('wall', Object.fromEntries(keys.map((key, i) => [key, tile(`first ${key}`, 100 + i / 100)])));
  world.look();
  return world;
}

const keysIn = (world: FileWorld) => [...world.manifest.visibleTiles({})].map(([key]) => key).sort();
const writer = (world: FileWorld) => new StaleWriter(world.file, 1, 'as-they-came');
function write(world: FileWorld, file: Tiles): void {
  world.file = file;
  world.look();
}

t.test('a new tile, a newer one, and an older one', async (t) => {
  const world = worldWith('0,0', '1,0');
  const rust = writer(world);
  write(world, rust.set('5,5', tile('new', 200)));
  t.match(world.manifest.tile('5,5'), { brick: 'new.png', compositor: 'file' });
  write(world, rust.set('0,0', tile('newer', 201)));
  t.match(world.manifest.tile('0,0'), { brick: 'newer.png', compositor: 'file' });
  write(world, rust.set('1,0', tile('older', 50)));
  t.match(world.manifest.tile('1,0'), { brick: 'first 1,0.png', compositor: 'wall' });
  t.same(world.file!.get('1,0'), tile('first 1,0', 100.01), 'and the file has what is newer');
});

t.test('an old copy loses nobody’s tiles: neither new ones nor newer ones', async (t) => {
  const world = worldWith('0,0', '1,0');
  const rust = writer(world);
  world.publish('wall', { '2,0': tile('later', 150), '0,0': tile('later', 151) });
  world.look();
  write(world, rust.set('5,5', tile('own', 200)));
  t.same(keysIn(world), ['0,0', '1,0', '2,0', '5,5']);
  t.match(world.manifest.tile('0,0'), { brick: 'later.png', compositor: 'wall' });
  t.same([...world.file!.keys()].sort(), keysIn(world), 'and the file is whole again');
  write(world, rust.written());
  t.same(keysIn(world), ['0,0', '1,0', '2,0', '5,5'], 'also when it writes the same again');
});

t.test('an old copy that is written as it is loses nothing, even by who has never written', async (t) => {
  const world = worldWith('0,0', '1,0');
  const before = new Map(world.file);
  world.publish('wall', { '2,0': tile('later', 150) });
  world.look();
  write(world, before);
  t.same(keysIn(world), ['0,0', '1,0', '2,0']);
});

t.test('what was removed over the API stays away, though an old copy has it', async (t) => {
  const world = worldWith('0,0', '1,0');
  const rust = writer(world);
  world.publish('wall', { '0,0': null });
  world.look();
  write(world, rust.set('5,5', tile('own', 200)));
  t.same(keysIn(world), ['1,0', '5,5']);
  write(world, rust.set('0,0', tile('again', 201)));
  t.same(keysIn(world), ['0,0', '1,0', '5,5'], 'until somebody sets it anew');
});

t.test('a tile that a program has set and removed is removed', async (t) => {
  for (const others of [[], ['0,0'], ['0,0', '1,0', '2,0']]) {
    const world = worldWith(...others);
    const rust = writer(world);
    write(world, rust.set('5,5', tile('own', 200)));
    write(world, rust.remove('5,5'));
    t.same(keysIn(world), others, `${others.length} others`);
    for (let i = 0; i < 3; i++) {
      write(world, rust.set(`6,${i}`, tile('moving', 300 + i)));
      write(world, rust.remove(`6,${i}`));
      t.same(keysIn(world), others, 'and again');
    }
  }
});

t.test('the same beside tiles that it does not know: they stay', async (t) => {
  const world = worldWith('0,0');
  const rust = writer(world);
  world.publish('wall', { '1,0': tile('later', 150), '2,0': tile('later', 151) });
  world.look();
  write(world, rust.set('5,5', tile('own', 200)));
  write(world, rust.set('5,6', tile('own', 201)));
  write(world, rust.remove('5,5'));
  t.same(keysIn(world), ['0,0', '1,0', '2,0', '5,6']);
  write(world, rust.remove('5,6'));
  t.same(keysIn(world), ['0,0', '1,0', '2,0']);
  world.publish('wall', { '3,0': tile('later', 250) });
  world.look();
  write(world, rust.remove('0,0'));
  t.same(keysIn(world), ['1,0', '2,0', '3,0'], 'what it read at its start, too');
});

t.test('whoever removes a tile from the file as it is removes it, whosever it is', async (t) => {
  const world = worldWith('0,0', '1,0', '2,0');
  const file = new Map(world.file);
  file.delete('0,0');
  file.delete('1,0');
  write(world, file);
  t.same(keysIn(world), ['2,0'], 'who has a later tile knew those before it');
});

t.test('a tile that was set newer meanwhile is not removed with an old one', async (t) => {
  const world = worldWith('0,0', '1,0');
  const rust = writer(world);
  write(world, rust.set('5,5', tile('own', 200)));
  world.publish('wall', { '5,5': tile('newer', 300) });
  world.look();
  write(world, rust.remove('5,5'));
  t.match(world.manifest.tile('5,5'), { brick: 'newer.png' });
});

t.test('two programs with old copies: the tiles of both, and what either removes of its own', async (t) => {
  const world = worldWith('0,0', '1,0', '2,0');
  const [one, two] = [writer(world), writer(world)];
  write(world, one.set('10,0', tile('one', 200)));
  write(world, two.set('20,0', tile('two', 201)));
  write(world, one.set('11,0', tile('one', 202)));
  write(world, two.set('21,0', tile('two', 203)));
  t.same(keysIn(world), ['0,0', '1,0', '10,0', '11,0', '2,0', '20,0', '21,0']);
  write(world, one.remove('10,0'));
  write(world, two.remove('21,0'));
  t.same(keysIn(world), ['0,0', '1,0', '11,0', '2,0', '20,0']);
  write(world, one.written());
  t.same(keysIn(world), ['0,0', '1,0', '11,0', '2,0', '20,0'], 'and that stays so');
});

t.test('whoever first removes a tile from an old copy removes that one alone', async (t) => {
  const world = worldWith('0,0');
  world.publish('wall', { '1,0': tile('later', 150) });
  world.look();
  const [one, two] = [writer(world), writer(world)];
  write(world, one.set('5,5', tile('one', 200)));
  write(world, two.remove('1,0'));
  t.same(keysIn(world), ['0,0', '5,5']);
});

t.test('what may be an old copy as well is none: the tile stays', async (t) => {
  const world = worldWith('0,0');
  // Somebody else may have read the file now, and be the one who writes it again below.
  world.publish('wall', { '1,0': tile('later', 150) });
  world.look();
  write(world, new Map([...world.file!].filter(([key]) => key === '0,0')));
  t.same(keysIn(world), ['0,0', '1,0']);
});

t.test('an order of its own tells who wrote the file', async (t) => {
  const world = worldWith(...Array.from({ length: 40 }, (_, i) => `${i % 7},${i}`));
  const rust = new StaleWriter(world.file, 12345, 'own');
  world.publish('wall', { '100,100': tile('later', 150) });
  world.look();
  write(world, rust.set('5,500', tile('own', 200)));
  // Set and removed between two looks, beside something new.
  rust.remove('5,500');
  write(world, rust.set('5,501', tile('own', 201)));
  t.equal(world.manifest.tile('5,500'), undefined);
  t.ok(world.manifest.tile('100,100'));
  t.ok(world.manifest.tile('5,501'));
});

t.test('after a restart, an old copy still loses nothing', async (t) => {
  const world = worldWith('0,0', '1,0');
  const rust = writer(world);
  write(world, rust.set('5,5', tile('own', 200)));
  world.publish('wall', { '2,0': tile('later', 250), '1,0': null });
  world.look();
  world.restart();
  write(world, rust.set('5,6', tile('own', 300)));
  t.same(keysIn(world), ['0,0', '2,0', '5,5', '5,6']);
});

t.test('a number whose last bit Rust read wrong is the same number', async (t) => {
  const world = worldWith('0,0');
  world.now = 1700000001;
  world.publish('wall', { '0,0': tile('a', 1700000000.1234567) });
  world.look();
  const file = new Map(world.file);
  file.set('0,0', tile('a', 1700000000.1234567 + 2.4e-7));
  world.file = file;
  t.same(world.look(), []);
});

t.test('two writes in one second of a program that counts seconds', async (t) => {
  const world = new FileWorld();
  const python = writer(world);
  write(world, python.set('0,0', tile('a', 100)));
  write(world, python.set('0,0', tile('b', 100)));
  t.match(world.manifest.tile('0,0'), { brick: 'b.png' });
  write(world, new Map([['0,0', tile('a', 100)]]));
  t.match(world.manifest.tile('0,0'), { brick: 'b.png' }, 'what was before does not come back');
});
