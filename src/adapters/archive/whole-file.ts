import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf } from '../../domain/errors.ts';

/** It holds as much as a store, of which others may read less. */
const FILE_MODE = 0o600;

/**
 * Writes a file that is there whole or not at all: under the name with `.part` first, until `check` has accepted what is written there.
 * Throws an Error of one line when it cannot be written, and what `bytes` and `check` throw; what was there before then stays.
 */
export async function writeWhole<T>(
  path: string,
  bytes: AsyncIterable<Buffer>,
  check: (written: string) => Promise<T>,
): Promise<T> {
  const part = `${path}.part`;
  try {
    await write(path, part, bytes);
    const result = await check(part);
    await onDisk(path, async () => {
      await rename(part, path);
      const folder = await open(dirname(path));
      await folder.sync().finally(() => folder.close());
    });
    return result;
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The bytes of a file. They end with an Error of one line when it cannot be read. */
export async function* readBytes(path: string): AsyncGenerator<Buffer, void, undefined> {
  const file: Readable = createReadStream(path);
  try {
    for await (const piece of file) yield piece as Buffer;
  } catch (error) {
    throw new Error(`cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  } finally {
    file.destroy();
  }
}

async function write(path: string, part: string, bytes: AsyncIterable<Buffer>): Promise<void> {
  const file = await onDisk(path, async () => {
    // Of one that was killed; and nobody else's file is written into.
    await rm(part, { force: true });
    return open(part, 'wx', FILE_MODE);
  });
  try {
    for await (const piece of bytes) await onDisk(path, () => file.writeFile(piece));
    await onDisk(path, () => file.sync());
  } finally {
    await file.close();
  }
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'there is a file in its way',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

function reasonOf(error: unknown): string {
  return REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error);
}
