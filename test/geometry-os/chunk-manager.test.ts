import t from 'tap';
import { writeTiles } from '../routes/write-tiles.ts';
import { build } from '../support/build.ts';
import { ChunkManager, RegionLoader } from './stand-ins/chunk-manager.ts';

t.test('it loads the chunks around its viewport, and finds every tile in them', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  await writeTiles(built, 'wall', {
    '8191,8192': { brick: 'left', timestamp: 1_700_000_000.9 },
    '8192,8192': { brick: 'middle', timestamp: 1_700_000_001 },
    '-1,-1': { brick: 'far', timestamp: 1_700_000_002 },
  });
  const manager = new ChunkManager({ apiEndpoint: `${url}/api/chunk` });
  const visible = await manager.visibleTiles({ minX: 8190, minY: 8190, maxX: 8195, maxY: 8195 });
  t.same(visible.map(({ brick }) => brick).sort(), ['left', 'middle']);
  t.equal(manager.chunks.size, 16, 'its own chunks and their neighbours');
  t.strictSame(manager.getTile(8191, 8192), { x: 8191, y: 8192, brick: 'left', timestamp: 1_700_000_000 });
  t.equal(manager.getTile(0, 0), undefined);
  await manager.load(-1, -1);
  t.match(manager.getTile(-1, -1), { brick: 'far' });
  t.match(manager.chunks.get('-1,-1')?.metadata, { generated_at: Number, version: String });
});

t.test('RegionLoader gets a rectangle', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  await writeTiles(built, 'wall', { '1,1': { brick: 'in' }, '9,9': { brick: 'out' } });
  const region = await new RegionLoader({ apiEndpoint: `${url}/api/region` }).loadRegion(0, 0, 4, 4);
  t.match(region, { x: 0, y: 0, w: 4, h: 4, tiles: { '1,1': { brick: 'in' } } });
  t.notMatch(JSON.stringify(region), /out/);
});
