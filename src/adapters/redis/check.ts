import type { StoreFault } from '../../domain/store-error.ts';
import { evictionRisk } from './inspect.ts';
import type { Keys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { codeOf } from './redis-errors.ts';
import { runScript, SCRIPTS } from './scripts.ts';

/** Throws as a commit would that Redis refuses now. Resolves to what may be lost. */
export async function checkWrites(connection: RedisConnection, keys: Keys): Promise<StoreFault | undefined> {
  const names = [keys.log, keys.tiles, keys.leases, keys.format];
  await runScript(connection, SCRIPTS.writable, names);
  const message = evictionRisk(await memoryOf(connection));
  return message === undefined ? undefined : { reason: 'evicting', message };
}

/** Empty where the user may not ask (any more): nothing that is written depends on it. */
async function memoryOf(connection: RedisConnection): Promise<string> {
  try {
    return String(await connection.call('info', ['memory']));
  } catch (error) {
    if (codeOf((error as Error).cause) === 'NOPERM') return '';
    throw error;
  }
}
