import type { Withdrawn } from '../../domain/batch-changes.ts';
import type { Cursor } from '../../domain/cursor.ts';
import type { Keys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { runScript, SCRIPTS } from './scripts.ts';

/** Tiles that one step looks at: Redis serves nobody else meanwhile, for about 3 ms. */
export const SWEEP_COUNT = 500;

/** The withdrawals whose tiles are not swept yet. */
export async function readWithdrawn(connection: RedisConnection, keys: Keys): Promise<Withdrawn> {
  const reply = (await runScript(connection, SCRIPTS.withdrawn, [keys.withdrawn])) as readonly string[];
  const withdrawn = new Map<string, Cursor>();
  for (let i = 0; i < reply.length; i += 2) withdrawn.set(reply[i]!, reply[i + 1] as Cursor);
  return withdrawn;
}

/**
 * Removes the tiles of withdrawn compositors, until no withdrawal is left. Several clients may do so at once. `connection` must be one
 * that never comes back under the same name: another server's HSCAN would skip fields in silence, and what was
 * skipped would count again once the withdrawal is forgotten.
 */
export async function sweep(connection: RedisConnection, keys: Keys, count: number): Promise<void> {
  for (;;) {
    const withdrawn = await readWithdrawn(connection, keys);
    if (withdrawn.size === 0) return;
    // A scan finds every tile that lay there from its beginning to its end, so all that were gone when it began.
    let position = '0';
    do position = await sweepStep(connection, keys, position, count);
    while (position !== '0');
    await runScript(connection, SCRIPTS.swept, [keys.withdrawn], [...withdrawn].flat());
  }
}

/** One step of a scan from `position`; returns where the next one begins, `0` at the end. */
export async function sweepStep(
  connection: RedisConnection,
  keys: Keys,
  position: string,
  count: number,
): Promise<string> {
  return (await runScript(
    connection,
    SCRIPTS.sweep,
    [keys.tiles, keys.withdrawn],
    [position, count],
  )) as string;
}
