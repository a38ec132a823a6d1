import type { Keys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { runScript, SCRIPTS } from './scripts.ts';

/** Thousands of tiles that one call of {@link applySome} changes: Redis serves nobody else meanwhile. */
const THOUSANDS = 10;

/** Brings more of what a large batch changes into the hash of tiles; false when nothing is left to do. */
export async function applySome(connection: RedisConnection, keys: Keys): Promise<boolean> {
  const names = [keys.tiles, keys.pending, keys.parts];
  return (await runScript(connection, SCRIPTS.apply, names, [THOUSANDS])) === 1;
}

/** Brings all of it. Any client may do so, and several at once: each step is one script. */
export async function applyPending(connection: RedisConnection, keys: Keys): Promise<void> {
  // Asked first: a Redis that takes no writes for now must still be read.
  if ((await connection.call('get', [keys.pending])) === null) return;
  while (await applySome(connection, keys));
}
