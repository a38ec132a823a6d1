// Of several daemons one keeps the shared file, and another takes it over when that one dies: what anybody wrote, over any of them or into the
// file, is in the map and in the file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { ManifestWriter } from '../geometry-os/stand-ins/manifest-writer.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { APART, isAlive, processes } from '../system/worker-processes.ts';
import { Fleet } from './fleet.ts';

/** A file in a folder of its own, and how to wait for what it and the maps have. */
function fileOf(t: Test) {
  const path = join(t.testdir({}), 'manifest.json');
  const bricksIn = (tiles: Record<string, { brick: string }>) =>
    JSON.stringify(
      Object.entries(tiles)
        .map(([key, { brick }]) => [key, brick])
        .sort(),
    );
  const inFile = () => {
    try {
      return bricksIn(JSON.parse(readFileSync(path, 'utf8')) as Record<string, { brick: string }>);
    } catch {
      return undefined;
    }
  };
  const have = async (urls: readonly string[], bricks: Record<string, string>) => {
    const expected = JSON.stringify(Object.entries(bricks).sort());
    const isSo = async () => {
      const maps = await Promise.all(
        urls.map(async (url) => (await send('GET', `${url}/manifest/tiles`, undefined, APART)).body),
      );
      return [inFile(), ...maps.map(bricksIn)].every((each) => each === expected);
    };
    await eventually(isSo, `the file and ${urls.length} maps have ${expected}`, 30_000);
    t.pass(`the file and ${urls.length} maps have ${expected}`);
  };
  const states = async (urls: readonly string[]) =>
    Promise.all(
      urls.map(
        async (url) =>
          (await send('GET', `${url}/health`, undefined, APART)).body.manifestFile.state as string,
      ),
    );
  return { path, have, states };
}

t.test('two replicas on Redis, and the one that keeps the file dies', { timeout: 110_000 }, async (t) => {
  const { path, have, states } = fileOf(t);
  const fleet = await Fleet.start(t, { replicas: 2, args: [`--manifest-file=${path}`] });
  const [one, two] = fleet.daemons as [(typeof fleet.daemons)[0], (typeof fleet.daemons)[0]];
  const wall = await HttpPublisher.join(one.url, 'wall');
  const door = await HttpPublisher.join(two.url, 'door');
  await wall.patch({ '0,0': { brick: 'wall.png' } });
  await door.patch({ '1,0': { brick: 'door.png' } });
  const map: Record<string, string> = { '0,0': 'wall.png', '1,0': 'door.png' };
  await have(fleet.urls, map);
  await eventually(
    async () => (await states(fleet.urls)).join() === 'kept,kept',
    'both know that it is kept',
  );
  const writer = new ManifestWriter(path);
  writer.updateTile(5, 5, 'own.png');
  map['5,5'] = 'own.png';
  await have(fleet.urls, map);

  await one.stop('SIGKILL');
  await door.patch({ '2,0': { brick: 'later.png' } });
  writer.updateTile(6, 5, 'own.png');
  Object.assign(map, { '2,0': 'later.png', '6,5': 'own.png' });
  await have([two.url], map);
  const three = await fleet.add();
  await two.stop('SIGKILL');
  writer.updateTile(7, 5, 'own.png');
  map['7,5'] = 'own.png';
  await have([three.url], map);
});

t.test('two workers on one folder, and one of them dies', { timeout: 110_000 }, async (t) => {
  const { path, have, states } = fileOf(t);
  const daemon = await startDaemon(t, { args: ['--workers=2', `--manifest-file=${path}`] });
  const urls = [daemon.url, daemon.url];
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  await wall.patch({ '0,0': { brick: 'wall.png' } });
  await have(urls, { '0,0': 'wall.png' });
  const writer = new ManifestWriter(path);
  const map: Record<string, string> = { '0,0': 'wall.png' };
  for (const [worker, pid] of processes(daemon)) {
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid) && processes(daemon).get(worker) !== pid, 'it is there again');
    writer.updateTile(5, worker, 'own.png');
    map[`5,${worker}`] = 'own.png';
    await have(urls, map);
  }
  await eventually(async () => (await states(urls)).join() === 'kept,kept', 'whichever answers');
});
