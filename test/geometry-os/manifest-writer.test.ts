import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { writes } from '../support/world.ts';
import { ManifestWriter } from './stand-ins/manifest-writer.ts';

t.test('its tiles are on the map, and its old copy takes nothing from others', async (t) => {
  const manifestFile = join(await temporaryFolder(t), 'manifest.json');
  const { app, inject } = await build(t, { settings: { manifestFile } });
  await app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  const tiles = async () => (await inject('/manifest/tiles')).json as Record<string, { brick: string }>;
  const writer = new ManifestWriter(manifestFile);
  writer.updateTile(1, 1, 'rust.rts.png');
  await eventually(async () => '1,1' in (await tiles()), 'a tile from the file');
  await app.publisher.patch('wall', writes({ '2,2': 'wall.rts.png' }));
  // It has not seen 2,2, and its file does not have it.
  writer.updateTile(3, 3, 'rust.rts.png');
  await eventually(async () => '3,3' in (await tiles()), 'another');
  t.same(Object.keys(await tiles()).sort(), ['1,1', '2,2', '3,3']);
  writer.removeTile(1, 1);
  await eventually(async () => !('1,1' in (await tiles())), 'what it removes is gone');
  t.same(Object.keys(await tiles()).sort(), ['2,2', '3,3']);
  t.match((await inject('/manifest')).json.tiles, { '3,3': { compositor: 'file' } });
});
