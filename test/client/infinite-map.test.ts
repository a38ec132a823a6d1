import t from 'tap';
import { attachInfiniteMap } from '../../src/client/infinite-map.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';
import { eventually } from '../failures/eventually.ts';
import { reached } from './following.ts';

/** As Geometry OS's does it: loading is slow, a cell that is drawn gets another picture, one that is not a sprite. */
class Drawn {
  readonly tiles = new Map<string, { sprite: { brick: string }; timestamp: number }>();
  readonly sprites = new Set<object>();
  readonly world = { removeChild: (sprite: object) => this.sprites.delete(sprite) };
  readonly loads: string[] = [];
  polls = 0;
  hidden = 0;
  /** What is being loaded; each ends when it is called. */
  readonly pending: (() => void)[] = [];

  async loadTile(x: number, y: number, brick: string, timestamp: number): Promise<void> {
    this.loads.push(`${x},${y} ${brick}`);
    await new Promise<void>((resolve) => this.pending.push(resolve));
    if (brick === 'broken') throw new Error('no such picture');
    const tile = this.tiles.get(`${x},${y}`);
    if (tile) {
      tile.sprite.brick = brick;
      tile.timestamp = timestamp;
      return;
    }
    const sprite = { brick };
    this.sprites.add(sprite);
    this.tiles.set(`${x},${y}`, { sprite, timestamp });
  }

  checkUpdates(): void {
    this.polls += 1;
  }

  hideLoadingIndicator(): void {
    this.hidden += 1;
  }

  finish(): void {
    for (const done of this.pending.splice(0)) done();
  }
}

t.test('an InfiniteMap follows', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a', timestamp: 1 }, '1,0': { brick: 'b', timestamp: 1 } });
  const map = new Drawn();
  const kept = { brick: 'a' };
  const stale = { brick: 'gone before' };
  map.tiles.set('0,0', { sprite: kept, timestamp: 1 }).set('5,5', { sprite: stale, timestamp: 1 });
  map.sprites.add(kept).add(stale);

  const live = attachInfiniteMap(map, { url });
  t.teardown(() => live.close());
  await reached(live, wall.cursor);
  map.checkUpdates();
  t.equal(map.polls, 0, 'it polls no more');
  t.strictSame(map.loads, ['1,0 b'], 'what it has drawn is not loaded again');
  await eventually(() => !map.sprites.has(stale), 'what was removed meanwhile goes');
  t.equal(map.hidden, 1);

  // While 1,0 loads it changes twice and another cell goes.
  await wall.patch({ '1,0': { brick: 'c' } });
  await wall.patch({ '1,0': { brick: 'd' }, '0,0': null, '2,0': { brick: 'broken' } });
  await reached(live, wall.cursor);
  t.strictSame(map.loads, ['1,0 b', '2,0 broken'], 'never twice at once');
  map.finish();
  await eventually(() => map.loads.length === 3, 'the last one');
  t.equal(map.loads[2], '1,0 d', 'what was overtaken is not loaded');
  map.finish();
  await eventually(() => map.tiles.get('1,0')?.sprite.brick === 'd', 'the last content');
  t.notOk(map.sprites.has(kept));
  t.equal(map.sprites.size, 1, 'one sprite a cell');

  // Removed while it loads.
  await wall.patch({ '3,0': { brick: 'short' }, '2,0': { brick: 'good' } });
  await reached(live, wall.cursor);
  await wall.patch({ '3,0': null, '1,0': null });
  await reached(live, wall.cursor);
  map.finish();
  await eventually(() => map.sprites.size === 1, 'only 2,0 is left');
  t.strictSame([...map.tiles.keys()], ['2,0'], 'a picture that failed is tried again with the next content');
});

t.test('it may stop and remove in its own way', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' } });
  const done: unknown[] = [];
  const map = {
    loadTile: (...tile: unknown[]) => done.push(tile),
    removeTile: (x: number, y: number) => done.push([x, y]),
  };
  const plain = attachInfiniteMap(map, { url });
  const own = attachInfiniteMap(map, {
    url,
    stop: (it) => done.push(it === map),
    remove: (it, x, y, before) => done.push([it === map, x, y, before.brick]),
  });
  t.teardown(() => [plain, own].forEach((each) => each.close()));
  for (const each of [plain, own]) await reached(each, wall.cursor);
  await wall.patch({ '0,0': null });
  for (const each of [plain, own]) await reached(each, wall.cursor);
  t.equal(done[0], true);
  t.match(done[1], [0, 0, 'a', Number]);
  t.strictSame(done.slice(3).map(String).sort(), ['0,0', 'true,0,0,a']);
});
