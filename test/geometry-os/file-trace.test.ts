// The real trace through the shared file, both ways: what its compositors leave over the API is exactly the file, what one program writes is
// exactly the map, and a program that rewrites the file with each of the 1,254 lines, without a pause, leaves the same.
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { readTrace } from '../../src/commands/trace.ts';
import { eventually } from '../failures/eventually.ts';
import { FINAL_SHA256, FINAL_TILES, sha256, TRACE, TracePlayer } from '../system/trace-player.ts';
import { fileWorld, type TileJson } from './file-daemon.ts';

t.test('both ways, exact', { timeout: 120_000 }, async (t) => {
  const first = await fileWorld(t);
  const player = await TracePlayer.open(await first.app.listen());
  await player.join();
  while (await player.step());
  await eventually(() => sha256(first.inFile() ?? {}) === FINAL_SHA256, 'the file is the map');
  t.equal(Object.keys(first.inFile()!).length, FINAL_TILES);
  const text = readFileSync(first.path, 'utf8');
  await first.app.close();

  const second = await fileWorld(t, { path: `${first.path}.copy` });
  await second.haveBoth({});
  writeFileSync(second.path, text);
  await eventually(async () => sha256(await second.inMap()) === FINAL_SHA256, 'the map is the file');
  t.equal(sha256(second.inFile()!), FINAL_SHA256);
  t.equal((await second.health()).status, 'pass');
});

t.test('line by line, by one program that never waits', { timeout: 120_000 }, async (t) => {
  const { path, inMap, inFile, haveBoth, app } = await fileWorld(t);
  await haveBoth({});
  const tiles = new Map<string, TileJson[string]>();
  for await (const line of readTrace(TRACE)) {
    for (const [key, tile] of line.tiles)
      if (tile) tiles.set(key, { brick: tile.brick, timestamp: tile.timestamp! });
      else tiles.delete(key);
    writeFileSync(path, JSON.stringify(Object.fromEntries(tiles), null, 2));
    await nextTurn();
  }
  t.equal(sha256(Object.fromEntries(tiles)), FINAL_SHA256);
  await eventually(async () => sha256(await inMap()) === FINAL_SHA256, 'the map is what was written last');
  await eventually(() => sha256(inFile() ?? {}) === FINAL_SHA256, 'and so is the file');
  t.ok(app.tileFile!.counts.reads < 1254, `${app.tileFile!.counts.reads} reads`);
});
