// A file with as many tiles as a large map comes in in pieces, each one commit, and goes out in pieces, too.
import { writeFileSync } from 'node:fs';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { fileWorld, type TileJson } from './file-daemon.ts';

const TILES = 55_000;

t.test('55,000 tiles', { timeout: 120_000 }, async (t) => {
  const { app, path, inFile, inject, haveBoth, untilState } = await fileWorld(t);
  await haveBoth({});
  const tiles: TileJson = {};
  const timestamp = Date.now() / 1000;
  for (let i = 0; i < TILES; i++)
    tiles[`${i % 500},${Math.floor(i / 500)}`] = { brick: `brick ${i % 100}.rts.png`, timestamp };
  writeFileSync(path, JSON.stringify(tiles));
  const { manifest } = app.replica.copy;
  await eventually(() => manifest.tileCount === TILES, 'all are in the map', 90_000);
  await untilState('kept');
  const { items } = (await inject('/manifest/history')).json as { items: { changed?: number }[] };
  t.equal(items.length, 6, 'six commits of at most 10,000 tiles');
  await app.registry.leave('file');
  await eventually(
    () => Object.keys(inFile() ?? tiles).length === 0,
    'all are gone from the file, too',
    90_000,
  );
});
