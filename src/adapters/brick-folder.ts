import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isSafeName, type BrickFiles, type StoredFile } from '../domain/brick-files.ts';
import { DomainError } from '../domain/errors.ts';

/** Bytes that are read at a time. */
const PIECE = 64 * 1024;
/** What the system says of a file that cannot be read, now or ever. */
const MISSING = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENXIO',
  'EINVAL',
]);
/** The process has no place for one more open file. */
const FULL = new Set(['EMFILE', 'ENFILE']);

/** The files of Geometry OS in a folder, which may come later. Links out of the folder lead nowhere. */
export class BrickFolder implements BrickFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(folder: string, name: string): Promise<StoredFile | undefined> {
    if (!isSafeName(name)) return undefined;
    let handle: FileHandle | undefined;
    try {
      const root = await realpath(this.#folder);
      const path = await realpath(join(root, folder, name));
      if (!path.startsWith(root + sep)) return undefined;
      // A pipe would wait for somebody who writes into it.
      handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const file = await storedFile(handle);
      if (!file) await handle.close();
      return file;
    } catch (error) {
      await handle?.close();
      const { code = '' } = error as NodeJS.ErrnoException;
      if (MISSING.has(code)) return undefined;
      if (!FULL.has(code)) throw error;
      throw new DomainError('overloaded', 'too many files are open', { retryAfter: 1, cause: error });
    }
  }
}

/** Undefined when it is no plain file. */
async function storedFile(handle: FileHandle): Promise<StoredFile | undefined> {
  const stat = await handle.stat({ bigint: true });
  if (!stat.isFile()) return undefined;
  let closing: Promise<void> | undefined;
  return {
    size: Number(stat.size),
    etag: `"${stat.ino.toString(36)}-${stat.size.toString(36)}-${stat.mtimeNs.toString(36)}"`,
    read: (start, end) => pieces(handle, start, end),
    close: () => (closing ??= handle.close()),
  };
}

async function* pieces(
  handle: FileHandle,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void, undefined> {
  for (let at = start; at <= end;) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE, end - at + 1));
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}
