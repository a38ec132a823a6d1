// `map_loader.rs` as it is: it reads the shared file when its time has changed, and keeps its old map when the file is broken.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { fileWorld } from './file-daemon.ts';
import { MapLoader } from './stand-ins/map-loader.ts';

t.test('it has every change, and never reads half a file', { timeout: 60_000 }, async (t) => {
  const { path, register, publish, haveBoth } = await fileWorld(t);
  await register('wall');
  await haveBoth({});
  const loader = new MapLoader(path);
  t.equal(loader.checkUpdates(), true);
  t.equal(loader.checkUpdates(), false);
  const end = new AbortController();
  const polling = (async () => {
    // It throws for what is no manifest.
    while (!end.signal.aborted) {
      loader.checkUpdates();
      await delay(1);
    }
  })();
  for (let i = 0; i < 60; i++) {
    const tiles = Object.fromEntries(
      Array.from({ length: 50 }, (_, x) => [`${x},${i % 20}`, { brick: `brick ${i}.rts.png` }]),
    );
    await publish('wall', tiles);
    await delay(10);
  }
  await eventually(
    () => loader.entries.size === 1000 && loader.entries.get('0,19')?.brick === 'brick 59.rts.png',
    'the loader has the whole map',
  );
  end.abort();
  await polling;
  await publish('wall', { '0,0': null });
  await eventually(() => loader.checkUpdates() && !loader.entries.has('0,0'), 'and what is removed is gone');
});
