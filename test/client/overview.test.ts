import t from 'tap';
import { connect } from '../../src/client/client.ts';
import { build } from '../support/build.ts';
import { HttpPublisher } from '../failures/publisher.ts';

t.test('a subscription shows areas, follows them, and moves to tiles and back in one stream', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a', timestamp: 1 }, '9,9': { brick: 'b', timestamp: 2 } });
  const map = connect({ url, zoom: 3, view: '-1,-1,10,10', maxRetry: 0 });
  t.teardown(() => map.close());
  const problems: unknown[] = [];
  map.on('problem', (problem) => problems.push(problem));
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => holds() && resolve();
      map.on('change', look);
      map.on('synced', look);
      look();
    });
  const area = (tiles: number, timestamp: number) => ({ tiles, owners: [['wall', tiles]], timestamp });
  await until(() => map.areas.size === 2);
  t.strictSame(Object.fromEntries(map.areas), { '0,0': area(1, 1), '1,1': area(1, 2) });
  t.equal(map.tiles.size, 0);
  t.equal(map.zoom, 3);
  t.equal(map.view, '-8,-8,15,15', 'whole areas');

  const changed: unknown[] = [];
  map.on('area', (name, now) => changed.push([name, now]));
  await wall.patch({ '1,1': { brick: 'c', timestamp: 3 }, '9,9': null });
  await until(() => changed.length === 2);
  t.strictSame(changed.sort(), [
    ['0,0', area(2, 3)],
    ['1,1', null],
  ]);

  map.setView({ view: '0,0,3,3', zoom: 0 });
  await until(() => map.zoom === 0 && map.tiles.size === 2);
  t.equal(map.areas.size, 0);
  t.equal(map.view, '0,0,3,3');
  map.setView({ view: null, zoom: 16 });
  await until(() => map.zoom === 16 && map.areas.size === 1);
  t.equal(map.tiles.size, 0);
  map.setView('0,0,3,3');
  await until(() => map.view === '0,0,65535,65535');
  t.strictSame(problems, []);
});

t.test('a zoom that is none is an error at once', async (t) => {
  for (const zoom of [-1, 17, 1.5, NaN, '3' as unknown as number])
    t.throws(() => connect({ url: 'http://127.0.0.1:1', zoom }), { message: /zoom/ }, String(zoom));
});
