import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRET_BYTES, type SharedSecret } from '../../domain/shared-secret.ts';
import { FILE_MODE } from './private-files.ts';

/** The secret in a file of its own in the store's folder, which only its owner may read. */
export function folderSecret(folder: string): SharedSecret {
  const path = join(folder, 'secret');
  return async () => {
    const known = await read(path);
    if (known) return known;
    const draft = join(folder, `secret.${randomBytes(6).toString('hex')}`);
    await writeFile(draft, randomBytes(SECRET_BYTES).toString('hex'), { flag: 'wx', mode: FILE_MODE });
    try {
      // Whole or not at all, and never over that of another process.
      await link(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(draft, { force: true });
    }
    return (await read(path))!;
  };
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await readFile(path, 'utf8'), 'hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
