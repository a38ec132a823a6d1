import type { Settings } from './config/config.ts';
import type { Claims } from './domain/claims.ts';
import type { Clock } from './domain/clock.ts';
import type { MemoryGuard } from './domain/memory-guard.ts';
import type { Logger } from './domain/logger.ts';
import type { PeerBus } from './domain/peer-bus.ts';
import type { SharedSecret } from './domain/shared-secret.ts';
import type { Store } from './domain/store.ts';
import { parseStoreAddress, type StoreNodes } from './domain/store-address.ts';

/**
 * Where commits live, which replica holds which connector, and how replicas talk: one technology for all three. Close
 * the peer bus before the claims: with Redis it sends over their connection.
 */
export interface Backend {
  readonly store: Store;
  readonly claims: Claims;
  readonly peerBus: PeerBus;
  readonly nodes: StoreNodes;
  readonly secret: SharedSecret;
  /** How often the watch over the commit log broke off. */
  readonly tailRestarts: () => number;
}

/** Throws an Error of one line when the store can never be used; a Redis that is merely away is no error here. */
export async function openBackend(
  settings: Pick<Settings, 'store' | 'namespace'>,
  clock: Clock,
  log: Pick<Logger, 'error'>,
  memory?: MemoryGuard,
): Promise<Backend> {
  const address = parseStoreAddress(settings.store);
  // Only the technology in use is loaded: each takes a part of the daemon's start.
  if (address.kind === 'folder') {
    const { openEmbedded } = await import('./backend/embedded-backend.ts');
    return openEmbedded({ path: address.path, clock, log, memory });
  }
  const { openRedis } = await import('./backend/redis-backend.ts');
  return openRedis({ address, namespace: settings.namespace, clock, log, memory });
}
