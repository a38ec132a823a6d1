import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

/** The folder inside that of a store where a restore prepares what will be in it. */
export const STAGING = 'restore';

/** What a store keeps in its folder. */
const FILES = new Set(['data.mdb', 'lock.mdb', 'secret', 'image', 'clean']);
const OURS = new Set([...FILES, 'post', STAGING]);

/**
 * Makes a folder that only its owner may enter, whatever the umask is. One that is there already loses the rights of others if
 * it holds nothing but a store, and its files lose them in any case. Without mkdir's own recursion, which never ends below a
 * file system without real folders, such as /proc.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
    await chmod(path, FOLDER_MODE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return closeToOthers(path);
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makePrivateFolder(dirname(path));
    await makePrivateFolder(path);
  }
}

/** What belongs to somebody else stays as it is. */
async function closeToOthers(folder: string): Promise<void> {
  try {
    const names = await readdir(folder);
    if (names.every((name) => OURS.has(name))) await restrict(folder, FOLDER_MODE);
    for (const name of names.filter((name) => FILES.has(name))) await restrict(join(folder, name), FILE_MODE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'EACCES' && code !== 'EROFS' && code !== 'ENOENT') throw error;
  }
}

/** Takes rights away and gives none. */
async function restrict(path: string, most: number): Promise<void> {
  const mode = (await stat(path)).mode & 0o7777;
  if ((mode & ~most) !== 0) await chmod(path, mode & most);
}
