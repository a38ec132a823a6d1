import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cursor } from '../../domain/cursor.ts';
import type { ImageStore } from '../../domain/store.ts';
import { headOfImage } from '../../domain/tile-image.ts';
import { FILE_MODE } from './private-files.ts';

/** In the store's folder. Whoever loses it only starts more slowly. */
export const IMAGE_FILE = 'image';
/** Whoever makes this file writes the next image. */
const UNFINISHED = 'image.tmp';
/** Milliseconds without another piece after which whoever wrote it has ended. */
const ABANDONED = 60_000;
/** Bytes in which the cursor is found. */
const HEAD_BYTES = 200;

/** The image of the tiles in a file beside the data: replaced as a whole, so that there is always a whole one or none. */
export class ImageFile implements ImageStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async head(): Promise<Cursor | undefined> {
    const file = await open(this.#path).catch(expected('ENOENT'));
    try {
      const read = await file?.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return read && headOfImage(read.buffer.subarray(0, read.bytesRead));
    } finally {
      await file?.close();
    }
  }

  /** The whole image; undefined when there is none, and when it cannot be read: it must not keep a daemon from starting. */
  async read(): Promise<Buffer | undefined> {
    return readFile(this.#path).catch(() => undefined);
  }

  async write(pieces: AsyncIterable<Buffer>): Promise<void> {
    const path = join(this.#folder, UNFINISHED);
    await removeAbandoned(path);
    const file = await open(path, 'wx', FILE_MODE).catch(expected('EEXIST'));
    if (!file) return;
    try {
      try {
        for await (const piece of pieces) await file.writeFile(piece);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(path, this.#path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  get #path(): string {
    return join(this.#folder, IMAGE_FILE);
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const file = await stat(path).catch(expected('ENOENT'));
  if (file && file.mtimeMs < Date.now() - ABANDONED) await rm(path, { force: true });
}

/** Takes an error with this code for an answer. */
function expected(code: string) {
  return (error: unknown): undefined => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  };
}
