import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { StoreUnreachable, type StoreFault } from '../../domain/store-error.ts';

/** Bytes: with less than this on the disk, an operator should know before writes are refused. */
const LOW = 4 * 2 ** 20;
/** Bytes: LMDB writes up to so many at once, and calls a write that was cut off an error of the disk. */
const FULL = 2 ** 20;
/** Bytes that a new store needs at once. LMDB maps its lock file, and dies by a signal when that finds no room on the disk. */
const NEW_STORE = 256 * 1024;

/** Why the store in `folder` will soon be refused more; undefined while there is room, or when nobody can say. */
export function spaceRisk(folder: string): StoreFault | undefined {
  const left = spaceLeft(folder);
  if (left >= LOW) return undefined;
  return { reason: 'disk-full', message: `the disk of ${folder} has ${Math.floor(left / 1024)} KiB left` };
}

/** Whether there is so little room in `folder` that a write ends for that reason. */
export function isFull(folder: string): boolean {
  return spaceLeft(folder) < FULL;
}

/** Throws when {@link isFull}: to write what only grows, without LMDB, which would print lines of its own for it. */
export function requireRoom(folder: string): void {
  if (isFull(folder)) throw new StoreUnreachable(`the disk of ${folder} is full`, { reason: 'disk-full' });
}

/** Whether a store that is not there yet finds no room in `folder`. */
export function lacksRoom(folder: string): boolean {
  const isThere = ['data.mdb', 'lock.mdb'].every((file) => existsSync(join(folder, file)));
  return !isThere && spaceLeft(folder) < NEW_STORE;
}

function spaceLeft(folder: string): number {
  try {
    const { blocks, bavail, bsize } = statfsSync(folder);
    // Some file systems do not count their blocks.
    return blocks === 0 ? Infinity : bavail * bsize;
  } catch {
    return Infinity;
  }
}
