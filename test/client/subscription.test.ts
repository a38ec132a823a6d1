import t from 'tap';
import { connect } from '../../src/client/connect.ts';
import type { Batch, Subscription, Synced } from '../../src/client/subscription.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';
import { follow, isExact, reached, until } from './following.ts';

/** What it tells from now on, a word each. */
function hear(subscription: Subscription): string[] {
  const heard: string[] = [];
  subscription.on('tile', (key, tile, before) =>
    heard.push(`${key} ${before?.brick ?? '-'} > ${tile.brick}`),
  );
  subscription.on('remove', (key, before) => heard.push(`${key} ${before.brick} > -`));
  subscription.on('compositor', (id, now, before) =>
    heard.push(`${id} ${before?.status ?? '-'} > ${now?.status ?? '-'}`),
  );
  return heard;
}

t.test('it tells what changes, and its maps are exact then', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'old' }, '1,0': { brick: 'gone soon' } });

  const map = follow(t, { url });
  t.strictSame([map.state, map.cursor, map.view, map.tiles.size], ['connecting', undefined, null, 0]);
  const { tiles } = map;
  const heard = hear(map);
  const batches: Batch[] = [];
  map.on('change', (batch) => batches.push(batch));
  await reached(map, wall.cursor);
  t.strictSame(heard, ['wall - > registered', '0,0 - > old', '1,0 - > gone soon']);
  await isExact(t, map, url);

  heard.length = batches.length = 0;
  const seen: boolean[] = [];
  map.on('tile', () => seen.push(map.tiles.has('2,2') && !map.tiles.has('1,0')));
  await wall.patch({ '0,0': { brick: 'new' }, '1,0': null, '2,2': { brick: 'more' } });
  await reached(map, wall.cursor);
  t.strictSame(heard.sort(), ['0,0 old > new', '1,0 gone soon > -', '2,2 - > more']);
  t.strictSame(seen, [true, true], 'a listener sees all of the commit, not a half of it');
  t.equal(batches.length, 1, 'one commit is one batch');
  t.match(batches[0], { cursor: wall.cursor, revision: parseInt(wall.cursor), exact: true, delay: Number });
  t.equal(batches[0]?.tiles.length, 3);
  t.equal(map.cursor, wall.cursor);
  t.equal(map.tiles, tiles, 'the map is the same object');
  await isExact(t, map, url);

  heard.length = 0;
  await wall.leave();
  await reached(map, wall.cursors.at(-1)!);
  t.strictSame(heard.sort(), ['0,0 new > -', '2,2 more > -', 'wall registered > -']);
});

t.test('a view, and only some compositors', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const [wall, desk] = [await HttpPublisher.join(url, 'wall'), await HttpPublisher.join(url, 'desk')];
  await wall.patch({ '0,0': { brick: 'a', timestamp: 1 }, '9,9': { brick: 'b' } });
  const corner = follow(t, { url, view: '4,4,-1,-1' });
  const walls = follow(t, { url, view: [-1, -1, 4, 4], compositor: 'wall' });
  const heard = hear(walls);
  await desk.patch({ '1,1': { brick: 'c' }, '0,0': { brick: 'taken', timestamp: 2 } });
  for (const map of [corner, walls]) await reached(map, desk.cursor);
  t.equal(corner.view, '-1,-1,4,4');
  await isExact(t, corner, url);
  await isExact(t, walls, url, '&compositor=wall');
  t.strictSame([...walls.compositors.keys()], ['wall']);
  t.strictSame([...walls.tiles.keys()], []);
  t.equal(corner.tiles.get('0,0')?.compositor, 'desk');
  t.notOk(heard.includes('1,1 - > c'));
});

t.test('a sign of life, and a store that is away', async (t) => {
  const { app } = await build(t, { settings: { stream: { heartbeat: 0.2 } } });
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const map = follow(t, { url });
  const signs: Synced[] = [];
  map.on('synced', (sign) => signs.push(sign));
  await reached(map, wall.cursor);
  await until(map, () => signs.length >= 3, 'signs of life');
  t.match(signs[2], { cursor: wall.cursor, degraded: false, delay: Number, time: String });
  await app.store.close();
  await until(map, ({ state }) => state === 'degraded');
  t.equal(signs.at(-1)?.degraded, true);
  await isExact(t, map, url);
});

t.test('it ends when it is told, and says nothing more', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const stop = new AbortController();
  const maps = [follow(t, { url }), follow(t, { url, signal: stop.signal })];
  for (const map of maps) await reached(map, wall.cursor);
  const heard = maps.flatMap((map) => {
    const states: string[] = [];
    map.on('state', (state) => states.push(state));
    return [states];
  });
  maps[0]!.close();
  maps[0]!.close();
  stop.abort();
  t.strictSame(heard, [['closed'], ['closed']]);
  const last = follow(t, { url });
  await wall.patch({ '0,0': { brick: 'late' } });
  await reached(last, wall.cursor);
  t.strictSame(
    maps.map(({ tiles }) => tiles.size),
    [0, 0],
  );
  t.equal(connect({ url, signal: AbortSignal.abort() }).state, 'closed');
});

t.test('a listener that throws or leaves does not stop the others', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const map = follow(t, { url });
  const uncaught: unknown[] = [];
  const catcher = (error: unknown) => uncaught.push(error);
  process.prependOnceListener('uncaughtException', catcher);
  const mistake = new Error('a mistake in a page');
  map.on('tile', () => {
    throw mistake;
  });
  let told = 0;
  const off = map.on('tile', () => (told += 1));
  await wall.patch({ '0,0': { brick: 'a' } });
  await reached(map, wall.cursor);
  off();
  t.equal(told, 1);
  t.end();
});

t.test('options that are wrong are told at once', (t) => {
  for (const view of ['1,2,3', '1,2,3,x', '0,0,0.5,1', '0,0,1,4294967296', '', [1, 2, 3]])
    t.throws(() => connect({ url: 'http://127.0.0.1:1', view }), /view/, JSON.stringify(view));
  t.end();
});
