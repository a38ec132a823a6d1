import { constants, watch as watchFolder, type BigIntStats } from 'node:fs';
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Found, FoundFile, SharedFile } from '../domain/shared-file.ts';
import { troubleOf } from './file-trouble.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
/** Bytes that are read at once. */
const PIECE = 64 * 1024;
/** Of a new file; one that is replaced keeps its own. */
const MODE = 0o644;
const NANOSECONDS = 1_000_000n;

/** The file that was replaced last, still open: whoever had opened it before may write into it yet. */
interface Replaced {
  readonly handle: FileHandle;
  readonly identity: string;
}

/** InfiniteMap's file on a disk of this machine, or one that it has mounted. */
export class ManifestFile implements SharedFile {
  readonly name: string;
  readonly #path: string;
  readonly #unfinished: string;
  readonly #most: number;
  #replaced: Replaced | undefined;
  /** The newest modification time that a file here ever had, in milliseconds. */
  #newest = 0;

  /** `most`: bytes of a file that is read. */
  constructor(options: { path: string; most: number }) {
    this.#path = options.path;
    this.#most = options.most;
    this.name = basename(options.path);
    this.#unfinished = join(dirname(options.path), `.${this.name}.compositord-unfinished`);
  }

  async look(): Promise<Found> {
    try {
      return this.#foundBy(await lstat(this.#path, { bigint: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'nothing' };
      return { kind: 'other', why: troubleOf(error, 'be read').message };
    }
  }

  async read(found: FoundFile, take: (piece: Buffer) => Promise<void>): Promise<boolean> {
    if (found.isLate) return this.#readLate(found, take);
    const handle = await this.#open();
    try {
      return handle !== undefined && (await readWhole(handle, found, take));
    } finally {
      await handle?.close();
    }
  }

  async replace(expected: Found, pieces: AsyncIterable<Buffer>): Promise<FoundFile | undefined> {
    await this.#letGo();
    try {
      return await this.#replaceBy(expected, pieces);
    } catch (error) {
      await rm(this.#unfinished, { force: true }).catch(() => undefined);
      throw troubleOf(error, 'be written');
    }
  }

  async lateWrite(): Promise<FoundFile | undefined> {
    if (!this.#replaced) return undefined;
    const { handle, identity } = this.#replaced;
    const stat = await handle.stat({ bigint: true });
    if (identityOf(stat) === identity) return undefined;
    return stat.size > BigInt(this.#most) ? undefined : { ...fileOf(stat), isLate: true };
  }

  watch(changed: () => void): () => void {
    try {
      // The folder: a watch on the file itself ends with the first that is put in its place.
      const watcher = watchFolder(dirname(this.#path), { persistent: false }, (_event, name) => {
        if (name === null || name === this.name) changed();
      });
      watcher.on('error', () => watcher.close());
      return () => watcher.close();
    } catch {
      return () => undefined;
    }
  }

  async close(): Promise<void> {
    await this.#letGo();
  }

  async #readLate(found: FoundFile, take: (piece: Buffer) => Promise<void>): Promise<boolean> {
    if (!this.#replaced) return false;
    const { handle } = this.#replaced;
    if (!(await readWhole(handle, found, take))) return false;
    this.#replaced = { handle, identity: found.identity };
    return true;
  }

  async #replaceBy(expected: Found, pieces: AsyncIterable<Buffer>): Promise<FoundFile | undefined> {
    const before = await this.#open();
    let taken = false;
    try {
      const there = await before?.stat({ bigint: true });
      const found: Found = there ? this.#foundBy(there) : { kind: 'nothing' };
      if (!isSame(found, expected)) return undefined;
      const written = await this.#writeUnfinished(pieces, there ? Number(there.mode) & 0o777 : MODE);
      // It took its time: whoever wrote meanwhile must not be overwritten.
      if (!isSame(await this.look(), expected)) {
        await rm(this.#unfinished, { force: true });
        return undefined;
      }
      await rename(this.#unfinished, this.#path);
      if (before && expected.kind === 'file') {
        this.#replaced = { handle: before, identity: expected.identity };
        taken = true;
      }
      return written;
    } finally {
      if (!taken) await before?.close();
    }
  }

  async #writeUnfinished(pieces: AsyncIterable<Buffer>, mode: number): Promise<FoundFile> {
    const handle = await open(this.#unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
    try {
      for await (const piece of pieces) await handle.writeFile(piece);
      // The mask of the process would take rights away that the file had.
      await handle.chmod(mode);
      // A reader compares it. Of our own making, and with a fraction that no clock of a file system has: so every other write differs.
      this.#newest = Math.max(Date.now() + 0.123, this.#newest + 1);
      await handle.utimes(this.#newest / 1000, this.#newest / 1000);
      await handle.sync();
      return fileOf(await handle.stat({ bigint: true }));
    } finally {
      await handle.close();
    }
  }

  /** The file, opened for reading; undefined when there is none, or something else. */
  async #open(): Promise<FileHandle | undefined> {
    try {
      // A pipe would wait for its writer.
      return await open(this.#path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if (['ENOENT', 'ELOOP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? ''))
        return undefined;
      throw troubleOf(error, 'be read');
    }
  }

  async #letGo(): Promise<void> {
    const { handle } = this.#replaced ?? {};
    this.#replaced = undefined;
    await handle?.close();
  }

  #foundBy(stat: BigIntStats): Found {
    if (stat.isSymbolicLink()) return { kind: 'other', why: 'is a symbolic link; name the file itself' };
    if (stat.isDirectory()) return { kind: 'other', why: 'is a folder' };
    if (!stat.isFile()) return { kind: 'other', why: 'is no regular file' };
    if (stat.size > BigInt(this.#most)) return { kind: 'other', why: `has more than ${this.#most} bytes` };
    this.#newest = Math.max(this.#newest, Number(stat.mtimeNs / NANOSECONDS));
    return fileOf(stat);
  }
}

/** Gives the bytes of an open file to `take`; false when it is not as it was `found`, or did not stay so. */
async function readWhole(
  handle: FileHandle,
  found: FoundFile,
  take: (piece: Buffer) => Promise<void>,
): Promise<boolean> {
  if (identityOf(await handle.stat({ bigint: true })) !== found.identity) return false;
  for (let at = 0; at < found.size;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE), 0, PIECE, at);
    if (bytesRead === 0) return false;
    at += bytesRead;
    await take(buffer.subarray(0, bytesRead));
  }
  return identityOf(await handle.stat({ bigint: true })) === found.identity;
}

function fileOf(stat: BigIntStats): FoundFile {
  return { kind: 'file', identity: identityOf(stat), size: Number(stat.size) };
}

function identityOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join('.');
}

function isSame(a: Found, b: Found): boolean {
  return a.kind === 'file' && b.kind === 'file' ? a.identity === b.identity : a.kind === b.kind;
}
