/**
 * Run as a process of its own, `look.js FOLDER`: reads all that is in a store, as a daemon would. Where LMDB cannot go on it ends the process
 * by a signal, and this one is not missed. Prints `read` when it has read everything, `damaged <why>` for an error of LMDB's.
 */
import { ABORT } from 'lmdb';
import { isDamage, quietLmdb } from './lmdb-errors.ts';
import { openTables } from './tables.ts';

quietLmdb();
try {
  const { root, ...tables } = openTables(process.argv[2] ?? '');
  for (const table of Object.values(tables)) {
    const entries = table.getRange()[Symbol.iterator]();
    while (entries.next().done !== true);
  }
  process.stdout.write('read\n');
  // What is free is read only by a write; this one is taken back.
  await root.childTransaction(() => {
    tables.meta.putSync('probe', 0);
    return ABORT as never;
  });
  await root.close();
} catch (error) {
  // Whatever else is wrong, the daemon finds out by itself.
  if (isDamage(error)) process.stdout.write(`damaged ${(error as Error).message}\n`);
}
