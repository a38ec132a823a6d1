import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BrickFolder } from '../../src/adapters/brick-folder.ts';
import type { StoredFile } from '../../src/domain/brick-files.ts';
import { temporaryFolder } from '../support/daemon.ts';

async function world(t: Test) {
  const outside = await temporaryFolder(t);
  const folder = join(outside, 'builder');
  await mkdir(join(folder, 'queue'), { recursive: true });
  const files = new BrickFolder(folder);
  return {
    outside,
    folder,
    files,
    write: (name: string, text: string | Buffer) => writeFile(join(folder, 'queue', name), text),
  };
}

async function textOf(file: StoredFile | undefined): Promise<string | undefined> {
  if (!file) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of file.read(0, file.size - 1)) pieces.push(piece);
  await file.close();
  return Buffer.concat(pieces).toString();
}

t.test('a file, its size, and any part of it', async (t) => {
  const { files, write } = await world(t);
  await write('wall.png', 'x'.repeat(70_000) + 'end');
  const file = (await files.open('queue', 'wall.png'))!;
  t.equal(file.size, 70_003);
  const pieces: Buffer[] = [];
  for await (const piece of file.read(65_000, 70_002)) pieces.push(piece);
  t.equal(Buffer.concat(pieces).toString(), `${'x'.repeat(5000)}end`);
  await file.close();
  await file.close();
});

t.test('its validator changes with each write', async (t) => {
  const { files, write, folder } = await world(t);
  const etag = async () => {
    const file = (await files.open('queue', 'wall.png'))!;
    await file.close();
    return file.etag;
  };
  await write('wall.png', 'one');
  const first = await etag();
  t.match(first, /^"[0-9a-z-]+"$/);
  t.equal(await etag(), first);
  await write('wall.png', 'two');
  await utimes(join(folder, 'queue', 'wall.png'), 1, 1);
  t.not(await etag(), first, 'also of one that is as long');
});

t.test('what is no plain file in the folder is not there', async (t) => {
  const { files, write, folder, outside } = await world(t);
  await write('real.png', 'real');
  await writeFile(join(outside, 'secret.png'), 'secret');
  await mkdir(join(folder, 'queue', 'folder.png'));
  execFileSync('mkfifo', [join(folder, 'queue', 'pipe.png')]);
  await symlink(join(outside, 'secret.png'), join(folder, 'queue', 'out.png'));
  await symlink('loop.png', join(folder, 'queue', 'loop.png'));
  await symlink('real.png', join(folder, 'queue', 'in.png'));
  await symlink(outside, join(folder, 'processed'));
  for (const name of [
    'none.png',
    'folder.png',
    'pipe.png',
    'out.png',
    'loop.png',
    '.',
    '..',
    '../../secret.png',
    'a\0b',
  ])
    t.equal(await files.open('queue', name), undefined, JSON.stringify(name));
  t.equal(await files.open('processed', 'secret.png'), undefined, 'a folder that is a link out');
  t.equal(await textOf(await files.open('queue', 'in.png')), 'real', 'a link that stays inside');
  t.equal(
    await new BrickFolder(join(outside, 'none')).open('queue', 'real.png'),
    undefined,
    'no folder at all',
  );
});

t.test('a file that becomes shorter while it is read ends with an error, not with less', async (t) => {
  const { files, write, folder } = await world(t);
  await write('wall.png', Buffer.alloc(200_000));
  const file = (await files.open('queue', 'wall.png'))!;
  t.teardown(() => file.close());
  const bytes = file.read(0, file.size - 1);
  await bytes.next();
  await truncate(join(folder, 'queue', 'wall.png'), 10);
  await t.rejects(async () => {
    for await (const piece of bytes) t.ok(piece);
  }, /shorter/);
});
