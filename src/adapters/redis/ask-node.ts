import { Redis } from 'ioredis';
import type { Credentials, RedisNode } from '../../domain/store-address.ts';

/** Asks one server on a connection of its own, which ends with the answer. Throws why there is none; `timeout` (ms) is for each step. */
export async function askNode<T>(
  node: RedisNode,
  { credentials, timeout }: { readonly credentials: Credentials; readonly timeout: number },
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis({
    ...node,
    ...credentials,
    protocol: 2,
    lazyConnect: true,
    retryStrategy: null,
    enableReadyCheck: false,
    disableClientInfo: true,
    connectTimeout: timeout,
    commandTimeout: timeout,
  });
  let why: Error | undefined;
  redis.on('error', (error: Error) => (why = error));
  try {
    await redis.connect();
    return await ask(redis);
  } catch (error) {
    // ioredis tells the reason only to its listeners.
    throw (error as Error).message === 'Connection is closed.' ? (why ?? error) : error;
  } finally {
    redis.disconnect();
  }
}
