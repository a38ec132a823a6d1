import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { writes } from '../support/world.ts';
import { PicturedMap } from './stand-ins/infinite-map.ts';

t.test('it draws each tile with its picture, from the file and from the socket', async (t) => {
  const from = await temporaryFolder(t);
  for (const folder of ['queue', 'processed', 'metadata']) await mkdir(join(from, folder));
  const png = Buffer.from('89504e470d0a1a0a', 'hex');
  await writeFile(join(from, 'queue/queued.rts.png'), png);
  await writeFile(join(from, 'processed/done.rts.png'), Buffer.concat([png, png]));
  await writeFile(join(from, 'metadata/silicon_district.json'), '{"security":{"vulnerable_drivers":3}}');
  const wsPort = await freePort();
  const { app } = await build(t, {
    settings: { legacySocket: { host: '127.0.0.1', port: wsPort }, bricks: { from } },
  });
  const origin = await app.listen();
  await app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  await app.publisher.patch('wall', writes({ '0,0': 'queued.rts.png', '1,0': 'done.rts.png' }));

  const map = new PicturedMap({ origin, wsPort, pollInterval: 1_000_000 });
  t.teardown(() => map.destroy());
  await eventually(() => map.textures.size === 2 && app.tileFeed.readers === 1, 'the tiles of the file');
  await app.publisher.patch('wall', writes({ '2,0': 'system_core' }));
  await eventually(() => map.textures.size === 3, 'a tile of the socket');
  t.strictSame(map.textures.get('queued.rts.png'), { type: 'image/png', bytes: 8 });
  t.strictSame(map.textures.get('done.rts.png'), { type: 'image/png', bytes: 16 });
  t.ok(map.textures.get('system_core')!.bytes > 100, 'drawn');
  t.equal(map.failed.size, 0);
  t.strictSame(await map.securityMetadata(), { vulnerable_drivers: 3 });
});

t.test('with bricks.missing 404 it shows its own sign for a picture that failed', async (t) => {
  const { app } = await build(t, { settings: { bricks: { missing: '404' } } });
  const origin = await app.listen();
  await app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  await app.publisher.patch('wall', writes({ '0,0': 'none.rts.png' }));
  const map = new PicturedMap({ origin, wsPort: await freePort(), pollInterval: 1_000_000 });
  t.teardown(() => map.destroy());
  await eventually(() => map.failed.has('none.rts.png'), 'it gave up');
  t.equal(await map.securityMetadata(), undefined, 'and metadata that is missing is none');
});
