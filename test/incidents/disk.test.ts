// What happens to the disk of an embedded store at night.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MAIN, startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { smallDisk, type SmallDisk } from '../support/small-disk.ts';
import { happens, named, over, storeLines } from './incident.ts';

const timeout = 180_000;
const args = ['--log-level=warn'];

t.test('it is full: answered at once, named once, and over when there is room', { timeout }, async (t) => {
  const disk = await smallDisk(t);
  const daemon = await startDaemon(t, { ...disk, args });
  await send('PUT', `${daemon.url}/compositors/large`, { name: 'Large', ttl: 3600 });
  const large = (row: number) => {
    const tiles = Array.from({ length: 2000 }, (_, x) => [`${x},${row}`, { brick: 'x'.repeat(100) }]);
    return send('PATCH', `${daemon.url}/compositors/large/tiles`, Object.fromEntries(tiles) as object);
  };
  const before = daemon.stderr.split('\n').length;
  await happens(t, {
    daemon,
    state: 'refusing',
    reason: 'disk-full',
    // While the last pages go.
    first: { state: 'at-risk', reason: 'disk-full' },
    // Small writes find room in the file for a while.
    fault: async () => {
      await disk.fill();
      for (let row = 9; (await large(row)).status === 200; row++);
    },
    meanwhile: async () => {
      const begun = performance.now();
      const refused = { status: 503, body: { type: '/problems/store-full', reason: 'disk-full' } };
      t.match(await large(0), refused);
      t.ok(performance.now() - begun < 30_000, 'soon');
      t.equal((await send('GET', `${daemon.url}/manifest`)).status, 200, 'reads go on');
      t.equal((await send('GET', `${daemon.url}/health/ready`)).status, 200);
      const { store } = (await send('GET', `${daemon.url}/health`)).body;
      t.match(store.lastError, /: the disk is full$/, 'and not what LMDB calls it, an error of the disk');
    },
    mend: () => disk.free(),
  });
  const lines = daemon.stderr.split('\n').length - before;
  t.ok(lines < 12, `${lines} lines for all of it`);
});

t.test('it is full when the daemon starts', { timeout }, async (t) => {
  const disk = await smallDisk(t);
  const first = await startDaemon(t, { ...disk, args });
  await send('PUT', `${first.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  await send('PATCH', `${first.url}/compositors/wall/tiles`, { '0,0': { brick: 'kept' } });
  await first.stop();
  await disk.fill();
  const again = await startDaemon(t, {
    ...disk,
    args: [...args, '--name=Listed', '--address=127.0.0.1', '--port=5000'],
  });
  t.match((await send('GET', `${again.url}/manifest`)).body.tiles, { '0,0': { brick: 'kept' } });
  await named(t, again, storeLines(again).at(-1)?.state as string, 'disk-full');
  await disk.free();
  await over(again);
  await again.stop();

  const empty = await smallDisk(t);
  await empty.fill();
  const program = await start(t, empty);
  t.match(await program.exited, { code: 1 });
  t.match(program.stderr, /^compositord: The store's folder [^\n]* cannot be used: the disk is full\.\n$/);
});

// What went wrong: the command ended with "Input/output error", after lines of LMDB's own.
t.test('it has no room for what is restored', { timeout }, async (t) => {
  const daemon = await startDaemon(t, { args });
  await send('PUT', `${daemon.url}/compositors/large`, { name: 'Large', ttl: 3600 });
  for (let row = 0; row < 4; row++) {
    const tiles = Array.from({ length: 5000 }, (_, x) => [`${x},${row}`, { brick: 'x'.repeat(100) }]);
    await send('PATCH', `${daemon.url}/compositors/large/tiles`, Object.fromEntries(tiles) as object);
  }
  const disk = await smallDisk(t, '6m');
  const run = (through: readonly string[], ...words: string[]): Program => {
    const [command = '', ...rest] = [...through, process.execPath, MAIN, ...words];
    return new Program(t, command, rest);
  };
  const file = join(daemon.dir, 'map.gz');
  t.match(await run([], 'backup', file, `--url=${daemon.url}`).exited, { code: 0 });
  const restore = run(disk.through, 'restore', file, `--store=file:${join(disk.dir, 'store')}`);
  t.match(await restore.exited, { code: 1, signal: null });
  const said = restore.stderr.split('\n').filter((line) => line !== '' && !/ entries restored/.test(line));
  t.match(said, [/^compositord restore: .*the disk (of \S+ )?is full\. The whole map .* as it was$/]);
  t.equal(said.length, 1, restore.stderr);
});

t.test('its folder is read-only', { timeout }, async (t) => {
  const disk = await smallDisk(t);
  const first = await startDaemon(t, { ...disk, args });
  await first.stop();
  const remount = ['mount', '-o', 'remount,ro', disk.dir];
  const [command = '', ...words] = disk.through;
  t.match(await new Program(t, command, [...words, ...remount]).exited, { code: 0 });
  const program = await start(t, disk);
  t.match(await program.exited, { code: 1 });
  t.match(program.stderr, /^compositord: [^\n]* cannot be used: the file system is read-only\.\n$/);
});

/** A daemon that is not expected to serve. */
async function start(t: Test, { through, dir }: SmallDisk): Promise<Program> {
  const listen = `--listen=127.0.0.1:${await freePort()}`;
  const store = `--store=file:${join(dir, 'store')}`;
  const [command = '', ...words]: string[] = [...through, process.execPath, MAIN, listen, store];
  return new Program(t, command, words);
}
