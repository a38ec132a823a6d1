import { STORE_TIMEOUT } from '../../domain/store.ts';
import type { RedisDeployment } from '../../domain/redis-access.ts';
import { keysOf } from './keys.ts';
import { serverLogin } from './login.ts';
import { serverConnector } from './server-connector.ts';

/** What a connection is made to, and what for. */
export interface ConnectionTarget extends RedisDeployment {
  /** A cluster's node is found by the slot of its keys. */
  readonly namespace: string;
  /** `compositord-<role>` is the name that `CLIENT LIST` shows. */
  readonly role: string;
  /** False: a connection that is lost stays lost, so that all its answers come from one server. */
  readonly reconnect: boolean;
}

/** Milliseconds that a connection which we leave has for answers still on their way. */
const DISCONNECT_TIMEOUT = 200;

/** What ioredis is to do, and above all what it must not do by itself. */
// The type is left to inference: ioredis' own cannot be given back to it under exactOptionalPropertyTypes.
export function redisOptions({ address, access, namespace, role, reconnect }: ConnectionTarget) {
  const deployment = { address, access };
  return {
    Connector: serverConnector(deployment, {
      key: keysOf(namespace).log,
      delay: reconnect ? retryDelay : undefined,
      disconnectTimeout: DISCONNECT_TIMEOUT,
    }),
    // The connector has the rest; this one makes ioredis wait for the end of the handshake.
    ...(address.tls && { tls: {} }),
    ...serverLogin(deployment),
    db: address.db,
    protocol: 2 as const,
    connectionName: `compositord-${role}`,
    disableClientInfo: true,
    // A command that waits for a connection may be sent long after its caller gave up.
    enableOfflineQueue: false,
    // Either of these would send a write that got no answer once more.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Subscribers do so again themselves: they have to know whether that worked.
    autoResubscribe: false,
    connectTimeout: STORE_TIMEOUT,
    // RedisConnection limits its calls itself; this one ends a handshake that gets no answer.
    commandTimeout: 2 * STORE_TIMEOUT,
    maxLoadingRetryTime: 500,
    retryStrategy: reconnect ? retryDelay : () => null,
  };
}

/** Milliseconds: the first attempt almost at once, and jitter, so that the replicas do not all come back at one moment. */
function retryDelay(attempt: number): number {
  return Math.min(20 * 2 ** (attempt - 1), 500) * (0.75 + Math.random() / 2);
}
