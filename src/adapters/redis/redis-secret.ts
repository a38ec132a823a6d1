import { randomBytes } from 'node:crypto';
import { SECRET_BYTES, type SharedSecret } from '../../domain/shared-secret.ts';
import { keysOf } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';

/** The secret in Redis, as hexadecimal text. */
export function redisSecret(connection: RedisConnection, namespace: string): SharedSecret {
  const { secret } = keysOf(namespace);
  return async () => {
    const fresh = randomBytes(SECRET_BYTES).toString('hex');
    // Sent twice or not: only the first ever counts.
    await connection.call('SET', [secret, fresh, 'NX']);
    return Buffer.from(String(await connection.call('GET', [secret])), 'hex');
  };
}
