import type { Settings } from './config/config.ts';
import type { ArchivableStore } from './domain/archivable-store.ts';
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
  /** How many bytes the store takes, about; undefined when it does not say. Throws while it is away. */
  readonly storeBytes: () => Promise<number | undefined>;
  /** How often the watch over the commit log broke off. */
  readonly tailRestarts: () => number;
}

/** What settings say of the store. */
export type StoreSettings = Pick<Settings, 'store' | 'namespace'> & Partial<Pick<Settings, 'redis'>>;

/** Throws an Error of one line when the store can never be used; a Redis that is merely away is no error here. */
export async function openBackend(
  settings: StoreSettings,
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
  const { namespace, redis: access } = settings;
  return openRedis({ address, access, namespace, clock, log, memory });
}

/**
 * Opens the store alone, for whoever serves nobody. Throws an Error of one line when it cannot be used, and when there is none, unless
 * `create` is set.
 */
export async function openStore(
  settings: StoreSettings,
  clock: Clock,
  { memory, create }: { memory: MemoryGuard; create: boolean },
): Promise<ArchivableStore> {
  const address = parseStoreAddress(settings.store);
  if (address.kind !== 'folder') {
    const { RedisStore } = await import('./adapters/redis/redis-store.ts');
    const { namespace, redis: access } = settings;
    return RedisStore.open({ address, access, namespace, clock, memory });
  }
  const { isStore } = await import('./adapters/embedded/data-file.ts');
  if (!create && !isStore(address.path)) throw new Error(`There is no store in ${address.path}.`);
  const { EmbeddedStore } = await import('./adapters/embedded/embedded-store.ts');
  return EmbeddedStore.open({ path: address.path, clock, memory });
}
