import { openBackend, type Backend } from '../backend.ts';
import type { Context } from './context.ts';

/** Section 1: the store, the claims on connectors, and the peer bus. */
export async function openStores({ config, overrides, clock, log, onClose }: Context): Promise<Backend> {
  const backend = await openBackend(config.settings, clock, log);
  onClose(() => backend.store.close());
  onClose(() => backend.claims.close());
  onClose(() => backend.peerBus.close());
  const { store } = overrides;
  if (!store) return backend;
  onClose(() => store.close());
  return { ...backend, store };
}
