import { STORE_TIMEOUT } from '../../domain/store.ts';
import type { RedisConnectionOptions } from './redis-connection.ts';
import { slotConnector } from './slot-connector.ts';

/** Milliseconds that a connection which we leave has for the answers still on their way. */
const FAREWELL = 200;

/** What ioredis is to do, and above all what it is not to do by itself. */
// The type is left to inference: ioredis' own cannot be given back to it under exactOptionalPropertyTypes.
export function redisOptions({ address, name, key, again }: RedisConnectionOptions) {
  const node = address.nodes[0]!;
  return {
    ...(address.kind === 'server' && { host: node.host, port: node.port }),
    ...(address.kind === 'sentinel' && { sentinels: [...address.nodes], name: address.master }),
    ...(address.kind === 'cluster' && {
      Connector: slotConnector(address, {
        key,
        patience: STORE_TIMEOUT,
        delay: again ? retryDelay : undefined,
      }),
    }),
    ...(address.tls && { tls: {} }),
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    db: address.db,
    protocol: 2 as const,
    connectionName: name,
    disableClientInfo: true,
    // A command that waits for a connection may be sent long after its caller gave up.
    enableOfflineQueue: false,
    // Either of these sends a write that got no answer once more.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Whoever subscribes does so again itself: it has to know whether that worked.
    autoResubscribe: false,
    connectTimeout: STORE_TIMEOUT,
    sentinelCommandTimeout: STORE_TIMEOUT,
    // Ours are counted in call(); this one ends a handshake that gets no answer.
    commandTimeout: 2 * STORE_TIMEOUT,
    disconnectTimeout: FAREWELL,
    maxLoadingRetryTime: 500,
    retryStrategy: again ? retryDelay : () => null,
    sentinelRetryStrategy: again ? retryDelay : () => null,
  };
}

/** Milliseconds: the first attempt almost at once, and jitter, so that a fleet does not come back as one. */
function retryDelay(attempt: number): number {
  return Math.min(20 * 2 ** (attempt - 1), 500) * (0.75 + Math.random() / 2);
}
