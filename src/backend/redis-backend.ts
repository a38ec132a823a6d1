import { TransportPeerBus } from '../adapters/peer-bus/transport-peer-bus.ts';
import { KnownNodes } from '../adapters/redis/known-nodes.ts';
import { RedisClaims } from '../adapters/redis/redis-claims.ts';
import { redisSecret } from '../adapters/redis/redis-secret.ts';
import { RedisConnection } from '../adapters/redis/redis-connection.ts';
import { RedisStore } from '../adapters/redis/redis-store.ts';
import { RedisTransport } from '../adapters/redis/redis-transport.ts';
import type { Clock } from '../domain/clock.ts';
import type { Logger } from '../domain/logger.ts';
import type { MemoryGuard } from '../domain/memory-guard.ts';
import type { RedisDeployment } from '../domain/redis-access.ts';

export interface RedisBackendOptions extends RedisDeployment {
  /** The prefix of its keys. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
  /** Asked while everything is loaded. */
  readonly memory?: MemoryGuard | undefined;
}

/** A backend that replicas on several machines share. */
export async function openRedis({ log, memory, ...options }: RedisBackendOptions) {
  const { namespace, clock } = options;
  const store = await RedisStore.open({ ...options, memory });
  const target = { ...options, reconnect: true };
  // Apart from the store's: a command must not wait behind a commit of a million tiles.
  const commands: RedisConnection = new RedisConnection({
    ...target,
    role: 'coordination',
    onReady: () => void nodes.discover(),
  });
  const nodes = new KnownNodes({ ...options, connection: commands });
  const claims = new RedisClaims({ connection: commands, namespace });
  const transport = new RedisTransport({ ...target, commands });
  const peerBus = await TransportPeerBus.open({ clock, log, transport });
  // Before the first compositor is connected to.
  await nodes.discover();
  const secret = redisSecret(commands, namespace);
  const storeBytes = async () => (await store.describe()).bytes;
  return { store, claims, peerBus, nodes, secret, storeBytes, tailRestarts: () => store.tailRestarts };
}
