import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import type { Credentials, RedisNode } from '../../domain/store-address.ts';

interface AskOptions {
  readonly credentials: Credentials;
  /** Undefined: a plain connection. */
  readonly tls: ConnectionOptions | undefined;
  /** Milliseconds for each step. */
  readonly timeout: number;
}

/** Asks one server on a connection of its own, which ends with the answer. Throws why there is none. */
export async function askNode<T>(
  node: RedisNode,
  { credentials, tls, timeout }: AskOptions,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis({
    ...node,
    ...credentials,
    ...(tls && { tls }),
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
