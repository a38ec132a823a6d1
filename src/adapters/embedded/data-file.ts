import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';

/** The name LMDB gives its file in a folder. */
export const DATA_FILE = 'data.mdb';

// LMDB's data format 2, as in lmdb-js 3: a 24-byte page header, then the meta record, all in the machine's byte order.
const HEADER = 24;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const META = { magic: 0, version: 4, pageSize: 24, freeRoot: 64, mainRoot: 112, transaction: 128 } as const;
const META_BYTES = 136;
const NO_ROOT = 2n ** 64n - 1n;
const little = endianness() === 'LE';

/** Whether there is a store in `folder`. */
export function isStore(folder: string): boolean {
  return existsSync(join(folder, DATA_FILE));
}

/**
 * Why LMDB cannot use the file in `folder`; undefined when it can, or when there is none yet.
 *
 * Without this check, LMDB takes the whole process down: it maps whatever it finds, and a file of another kind
 * ends in a segmentation fault, a cut-off one in a bus error (both seen). A file may rightly be shorter than the
 * last page it names, so a cut is only seen when it took the root of a tree.
 */
export function dataFileDamage(folder: string): string | undefined {
  let file: number;
  try {
    file = openSync(join(folder, DATA_FILE), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size === 0) return undefined; // LMDB was stopped between creating the file and its first write
    const first = readMeta(file, 0);
    if (first === undefined) return `${DATA_FILE} is not an LMDB file`;
    const second = readMeta(file, first.pageSize);
    if (second === undefined) return `${DATA_FILE} is cut off or overwritten`;
    const newest = second.transaction > first.transaction ? second : first;
    const pages = BigInt(Math.floor(size / first.pageSize));
    const cut = newest.roots.some((root) => root !== NO_ROOT && root >= pages);
    return cut ? `${DATA_FILE} is cut off` : undefined;
  } finally {
    closeSync(file);
  }
}

interface Meta {
  readonly pageSize: number;
  readonly roots: readonly bigint[];
  readonly transaction: bigint;
}

function readMeta(file: number, offset: number): Meta | undefined {
  const bytes = new DataView(new ArrayBuffer(META_BYTES));
  if (readSync(file, bytes, 0, META_BYTES, offset + HEADER) < META_BYTES) return undefined;
  if (bytes.getUint32(META.magic, little) !== MAGIC) return undefined;
  if ((bytes.getUint32(META.version, little) & 0xffff) !== DATA_VERSION) return undefined;
  const pageSize = bytes.getUint32(META.pageSize, little);
  // A power of two from 256 to 64 KiB is all that LMDB makes; another would be read as a wild offset.
  if (pageSize < 256 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  return {
    pageSize,
    roots: [bytes.getBigUint64(META.freeRoot, little), bytes.getBigUint64(META.mainRoot, little)],
    transaction: bytes.getBigUint64(META.transaction, little),
  };
}
