import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA_FILE } from './data-file.ts';
import { FILE_MODE } from './private-files.ts';

/** In the store's folder since it was closed in order: the size and the time of the data file as it was left. */
export const CLEAN_FILE = 'clean';

/** Whether nothing has touched the data since a process closed them in order: what LMDB left then, it can read. */
export function endedCleanly(folder: string): boolean {
  try {
    return readFileSync(join(folder, CLEAN_FILE), 'utf8') === stampOf(folder);
  } catch {
    return false;
  }
}

/** From now on an end by a signal leaves no such mark. */
export function forgetCleanEnd(folder: string): void {
  rmSync(join(folder, CLEAN_FILE), { force: true });
}

/** Whoever cannot leave the mark only has the next start look at all the data first. */
export function noteCleanEnd(folder: string): void {
  try {
    writeFileSync(join(folder, CLEAN_FILE), stampOf(folder), { mode: FILE_MODE });
  } catch {
    // A full disk, or a folder that is gone.
  }
}

function stampOf(folder: string): string {
  const { size, mtimeNs } = statSync(join(folder, DATA_FILE), { bigint: true });
  return `${size} ${mtimeNs}`;
}
