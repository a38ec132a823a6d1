import { EmbeddedClaims } from './adapters/embedded/embedded-claims.ts';
import { EmbeddedStore } from './adapters/embedded/embedded-store.ts';
import { SocketTransport } from './adapters/embedded/socket-transport.ts';
import { TransportPeerBus } from './adapters/peer-bus/transport-peer-bus.ts';
import { RedisClaims } from './adapters/redis/redis-claims.ts';
import { RedisConnection } from './adapters/redis/redis-connection.ts';
import { RedisStore } from './adapters/redis/redis-store.ts';
import { RedisTransport } from './adapters/redis/redis-transport.ts';
import type { Settings } from './config/config.ts';
import type { Claims } from './domain/claims.ts';
import type { Clock } from './domain/clock.ts';
import type { Logger } from './domain/logger.ts';
import type { PeerBus } from './domain/peer-bus.ts';
import type { Store } from './domain/store.ts';
import { parseStoreAddress, type RedisAddress } from './domain/store-address.ts';

/**
 * Where commits live, which replica holds which connector, and how replicas talk: one technology for all three. Close
 * the peer bus before the claims: with Redis it sends over their connection.
 */
export interface Backend {
  readonly store: Store;
  readonly claims: Claims;
  readonly peerBus: PeerBus;
  /** How often the watch over the commit log broke off. */
  readonly tailRestarts: () => number;
}

type Log = Pick<Logger, 'error'>;

/** Throws an Error of one line when the store can never be used; a Redis that is merely away is no error here. */
export async function openBackend(
  settings: Pick<Settings, 'store' | 'namespace'>,
  clock: Clock,
  log: Log,
): Promise<Backend> {
  const address = parseStoreAddress(settings.store);
  return address.kind === 'folder'
    ? openEmbedded(address.path, clock, log)
    : openRedis(address, settings.namespace, clock, log);
}

async function openEmbedded(path: string, clock: Clock, log: Log): Promise<Backend> {
  const store = await EmbeddedStore.open({ path, clock });
  const claims = await EmbeddedClaims.open({ path, clock });
  const transport = new SocketTransport({ path, clock });
  const peerBus = await TransportPeerBus.open({ clock, log, transport });
  return { store, claims, peerBus, tailRestarts: () => 0 };
}

async function openRedis(address: RedisAddress, namespace: string, clock: Clock, log: Log): Promise<Backend> {
  const store = await RedisStore.open({ address, namespace, clock });
  const target = { address, namespace, clock, reconnect: true };
  // Apart from the store's: a command must not wait behind a commit of a million tiles.
  const commands = new RedisConnection({ ...target, role: 'coordination' });
  const claims = new RedisClaims({ connection: commands, namespace });
  const transport = new RedisTransport({ ...target, commands });
  const peerBus = await TransportPeerBus.open({ clock, log, transport });
  return { store, claims, peerBus, tailRestarts: () => store.tailRestarts };
}
