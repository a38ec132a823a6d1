import type { Backend } from '../../src/backend.ts';

/** In the order in which the app closes it. */
export async function closeBackend({ peerBus, claims, store }: Backend): Promise<void> {
  await peerBus.close();
  await claims.close();
  await store.close();
}
