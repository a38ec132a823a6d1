import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { folderSecret } from '../../src/adapters/embedded/folder-secret.ts';
import { makePrivateFolder } from '../../src/adapters/embedded/private-files.ts';
import { SECRET_BYTES } from '../../src/domain/shared-secret.ts';
import { build } from '../support/build.ts';

// What went wrong: under the usual umask everybody on the machine could read the store, which holds more than the API gives to most.

async function temporary(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'compositord-private-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8);

/** Every path below, with its mode. */
async function modes(path: string): Promise<Record<string, string>> {
  const names = await readdir(path, { recursive: true });
  const all = await Promise.all(names.map(async (name) => [name, await modeOf(join(path, name))] as const));
  return Object.fromEntries(all);
}

for (const umask of [0o000, 0o022, 0o027, 0o077])
  t.test(`a store is its owner's alone under umask ${umask.toString(8)}`, async (t) => {
    const before = process.umask(umask);
    t.after(() => void process.umask(before));
    const above = await temporary(t);
    const path = join(above, 'new/data');
    await build(t, { settings: { store: `file:${path}` } });
    t.equal(await modeOf(path), '700');
    const { 'data.mdb': data, 'lock.mdb': lock, post, ...sockets } = await modes(path);
    t.strictSame([data, lock, post, ...Object.values(sockets)], ['600', '600', '700', '600']);
  });

t.test('what is there already is closed to others, and given no right that it had not', async (t) => {
  const above = await temporary(t);
  const cases: [files: string[], mode: number, then: string, fileThen: string][] = [
    [[], 0o755, '700', ''],
    [['data.mdb', 'lock.mdb'], 0o755, '700', '600'],
    [['data.mdb', 'lock.mdb'], 0o2770, '700', '600'],
    [['data.mdb', 'lock.mdb'], 0o500, '500', '600'],
    [['data.mdb', 'lock.mdb', 'notes.txt'], 0o755, '755', '600'],
    [['.git'], 0o775, '775', ''],
  ];
  for (const [i, [files, mode, then, fileThen]] of cases.entries()) {
    const path = join(above, String(i));
    await mkdir(path);
    for (const file of files) {
      await writeFile(join(path, file), '');
      await chmod(join(path, file), 0o664);
    }
    await chmod(path, mode);
    await makePrivateFolder(path);
    t.equal(await modeOf(path), then, `${files.join()} in ${mode.toString(8)}`);
    for (const file of files.filter((each) => each.endsWith('.mdb')))
      t.equal(await modeOf(join(path, file)), fileThen, file);
    if (files.includes('notes.txt')) t.equal(await modeOf(join(path, 'notes.txt')), '664', 'not ours');
  }
});

t.test("the secret of a folder is its owner's alone, and whoever asks first makes it for all", async (t) => {
  const before = process.umask(0);
  t.after(() => void process.umask(before));
  const folder = await temporary(t);
  const secrets = await Promise.all(Array.from({ length: 20 }, () => folderSecret(folder)()));
  t.equal(secrets[0]!.length, SECRET_BYTES);
  for (const secret of secrets) t.ok(secret.equals(secrets[0]!));
  t.strictSame(await modes(folder), { secret: '600' });
});
