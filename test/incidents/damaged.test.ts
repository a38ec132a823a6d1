// The disk has damaged the data file, anywhere. LMDB maps what it finds: of 30 files with one page of noise, 21 ended the daemon by SIGSEGV or
// SIGABRT, without a word. Now it serves, because nobody needs that page, or it ends with one line that says what to do.
import { cp, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Random } from '../simulation/random.ts';
import { MAIN, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';

const PAGE = 4096;
const FILES = 24;

/** A store with some thousand tiles in several hundred pages, and pages that are free. */
async function filled(t: Test): Promise<string> {
  const daemon = await startDaemon(t, { args: ['--log-level=warn'] });
  for (const id of ['a', 'b']) await send('PUT', `${daemon.url}/compositors/${id}`, { name: id, ttl: 3600 });
  for (let row = 0; row < 20; row++) {
    const tiles = Array.from({ length: 200 }, (_, x) => [`${x},${row}`, { brick: `brick-${x}-${row}` }]);
    await send('PATCH', `${daemon.url}/compositors/${row % 2 ? 'a' : 'b'}/tiles`, Object.fromEntries(tiles));
  }
  await send('DELETE', `${daemon.url}/compositors/b`);
  await daemon.stop();
  return join(daemon.dir, 'store');
}

async function damage(folder: string, random: Random): Promise<number> {
  const path = join(folder, 'data.mdb');
  const pages = Math.floor((await stat(path)).size / PAGE);
  const page = Math.floor(random.between(2, pages));
  const noise = Buffer.from(Array.from({ length: PAGE }, () => Math.floor(random.between(0, 256))));
  const file = await open(path, 'r+');
  await file.write(noise, 0, PAGE, page * PAGE);
  await file.close();
  return page;
}

t.test('a page of noise, anywhere', { timeout: 240_000 }, async (t) => {
  const good = await filled(t);
  const random = new Random(30);
  const folder = join(await temporaryFolder(t), 'store');
  let refused = 0;
  for (let i = 0; i < FILES; i++) {
    await rm(folder, { recursive: true, force: true });
    await cp(good, folder, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !path.includes('post'),
    });
    const page = await damage(folder, random);
    const listen = `--listen=127.0.0.1:${await freePort()}`;
    const args = [MAIN, listen, `--store=file:${folder}`, '--log-level=warn'];
    const program = new Program(t, process.execPath, args);
    const served = await program.prints(/serves/).then(
      () => true,
      () => false,
    );
    const exit = await program.stop();
    t.equal(exit?.signal, null, `page ${page}: ends by no signal`);
    if (served) continue;
    refused++;
    t.equal(exit?.code, 1);
    t.match(
      program.stderr,
      /^compositord: The store in [^\n]* is damaged: [^\n]*compositord restore[^\n]*\n$/,
    );
  }
  t.ok(refused > FILES / 4, `${refused} of ${FILES} were refused`);
});

t.test('a daemon that was killed looks first, and serves', { timeout: 60_000 }, async (t) => {
  const first = await startDaemon(t, { args: ['--log-level=warn'] });
  await send('PUT', `${first.url}/compositors/a`, { name: 'a', ttl: 3600 });
  await send('PATCH', `${first.url}/compositors/a/tiles`, { '0,0': { brick: 'kept' } });
  await first.stop('SIGKILL');
  const again = await startDaemon(t, { dir: first.dir, args: ['--log-level=warn'] });
  t.match((await send('GET', `${again.url}/manifest`)).body.tiles, { '0,0': { brick: 'kept' } });
});
