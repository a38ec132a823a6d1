import { EmbeddedStore } from '../adapters/embedded/embedded-store.ts';
import { folderSecret } from '../adapters/embedded/folder-secret.ts';
import { SocketTransport } from '../adapters/embedded/socket-transport.ts';
import { TransportPeerBus } from '../adapters/peer-bus/transport-peer-bus.ts';
import type { Clock } from '../domain/clock.ts';
import type { Logger } from '../domain/logger.ts';
import type { MemoryGuard } from '../domain/memory-guard.ts';

export interface EmbeddedBackendOptions {
  /** The store's folder. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
  /** Asked while everything is loaded. */
  readonly memory?: MemoryGuard | undefined;
}

/** A backend in one folder of this machine. */
export async function openEmbedded({ path, clock, log, memory }: EmbeddedBackendOptions) {
  const store = await EmbeddedStore.open({ path, clock, memory });
  const transport = new SocketTransport({ path, clock });
  const peerBus = await TransportPeerBus.open({ clock, log, transport });
  store.useBus(peerBus);
  const nodes = { all: [], close: () => undefined };
  const storeBytes = async () => (await store.describe()).bytes;
  return {
    store,
    claims: store,
    peerBus,
    nodes,
    secret: folderSecret(path),
    storeBytes,
    tailRestarts: () => 0,
  };
}
