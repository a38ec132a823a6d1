import { openEmbedded } from './adapters/embedded/open-embedded.ts';
import { openRedis } from './adapters/redis/open-redis.ts';
import type { Settings } from './config/config.ts';
import { parseStoreAddress } from './config/store-address.ts';
import type { Claims } from './domain/claims.ts';
import type { Clock } from './domain/clock.ts';
import type { Logger } from './domain/logger.ts';
import type { PeerBus } from './domain/peer-bus.ts';
import type { Store } from './domain/store.ts';

/** Where commits live, who holds which connector, and how replicas talk: one technology for all three. */
export interface Backend {
  readonly store: Store;
  readonly claims: Claims;
  readonly peerBus: PeerBus;
  /** How often the watch over the log broke off. */
  readonly tailRestarts: () => number;
}

export async function openBackend(
  settings: Pick<Settings, 'store' | 'namespace'>,
  clock: Clock,
  log: Pick<Logger, 'error'>,
): Promise<Backend> {
  const address = parseStoreAddress(settings.store);
  if (address?.kind === 'file')
    return { ...(await openEmbedded({ path: address.path, clock, log })), tailRestarts: () => 0 };
  // The text, not the address: that one has left out who logs in.
  const redis = await openRedis({ address: settings.store, namespace: settings.namespace, clock, log });
  return { ...redis, tailRestarts: () => redis.store.tailRestarts };
}
