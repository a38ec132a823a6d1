import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { writes } from '../support/world.ts';
import { MapLoader } from './stand-ins/map-loader.ts';

t.test('it reads the file whenever that has changed, and never half of it', async (t) => {
  const manifestFile = join(await temporaryFolder(t), 'manifest.json');
  const { app } = await build(t, { settings: { manifestFile } });
  await app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  const loader = new MapLoader(manifestFile);
  for (let i = 0; i < 5; i++) {
    await app.publisher.patch('wall', writes({ [`${i},0`]: `brick-${i}` }, 1_700_000_000.5 + i));
    await eventually(() => {
      loader.checkUpdates();
      return loader.entries.size === i + 1;
    }, `tile ${i}`);
  }
  t.strictSame(loader.entries.get('4,0'), { brick: 'brick-4', timestamp: 1_700_000_004.5 });
  await app.publisher.patch('wall', writes({ '0,0': null }));
  await eventually(() => loader.checkUpdates() && !loader.entries.has('0,0'), 'a removal');
});
