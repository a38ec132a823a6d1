// `manifest_writer.rs` as it is: it reads the shared file once, and rewrites all of it with each tile of its own.
import t from 'tap';
import { fileWorld } from './file-daemon.ts';
import { ManifestWriter } from './stand-ins/manifest-writer.ts';

const at = () => ({ brick: 'api.png', timestamp: Date.now() / 1000 });

t.test('its tiles are in the map, and go when it removes them', async (t) => {
  const { path, haveBoth } = await fileWorld(t);
  await haveBoth({});
  const writer = new ManifestWriter(path);
  writer.updateTile(8192, 8192, 'first.rts.png');
  await haveBoth({ '8192,8192': 'first.rts.png' });
  writer.removeTile(8192, 8192);
  await haveBoth({});
  writer.updateTile(8193, 8192, 'moved.rts.png');
  await haveBoth({ '8193,8192': 'moved.rts.png' });
});

t.test('it does not see what others do, and loses none of it', async (t) => {
  const { path, haveBoth, register, publish } = await fileWorld(t);
  await register('wall');
  await publish('wall', { '0,0': at() });
  await haveBoth({ '0,0': 'api.png' });
  const writer = new ManifestWriter(path);
  await publish('wall', { '1,0': at(), '2,0': at() });
  await haveBoth({ '0,0': 'api.png', '1,0': 'api.png', '2,0': 'api.png' });
  for (let i = 0; i < 3; i++) {
    const others = { '0,0': 'api.png', '1,0': 'api.png', '2,0': 'api.png' };
    writer.updateTile(10, i, 'own.rts.png');
    await haveBoth({ ...others, [`10,${i}`]: 'own.rts.png' });
    writer.removeTile(10, i);
    await haveBoth(others);
  }
  await publish('wall', { '1,0': null });
  await haveBoth({ '0,0': 'api.png', '2,0': 'api.png' });
  writer.updateTile(11, 0, 'own.rts.png');
  await haveBoth({ '0,0': 'api.png', '2,0': 'api.png', '11,0': 'own.rts.png' });
});

t.test('two of them, and one that starts later', async (t) => {
  const { path, haveBoth } = await fileWorld(t);
  await haveBoth({});
  const [one, two] = [new ManifestWriter(path), new ManifestWriter(path)];
  one.updateTile(1, 0, 'one.png');
  await haveBoth({ '1,0': 'one.png' });
  two.updateTile(2, 0, 'two.png');
  await haveBoth({ '1,0': 'one.png', '2,0': 'two.png' });
  const three = new ManifestWriter(path);
  one.updateTile(1, 1, 'one.png');
  await haveBoth({ '1,0': 'one.png', '1,1': 'one.png', '2,0': 'two.png' });
  three.updateTile(3, 0, 'three.png');
  await haveBoth({ '1,0': 'one.png', '1,1': 'one.png', '2,0': 'two.png', '3,0': 'three.png' });
  three.removeTile(2, 0);
  await haveBoth({ '1,0': 'one.png', '1,1': 'one.png', '3,0': 'three.png' });
  two.updateTile(2, 1, 'two.png');
  await haveBoth({ '1,0': 'one.png', '1,1': 'one.png', '2,1': 'two.png', '3,0': 'three.png' });
});
