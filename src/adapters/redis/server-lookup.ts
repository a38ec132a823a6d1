import { STORE_TIMEOUT } from '../../domain/store.ts';
import type { RedisDeployment } from '../../domain/redis-access.ts';
import type { RedisNode } from '../../domain/store-address.ts';
import { masterLookup } from './sentinels.ts';
import { slotOwnerLookup } from './slot-owner.ts';

/** Where a server listens: at a port, or at a Unix socket. */
export type Endpoint = RedisNode | { readonly path: string };

/** Makes what finds the server that holds `key` now, before each connection. It throws why there is none. */
export function serverLookup(deployment: RedisDeployment, key: string): () => Promise<Endpoint> {
  const { kind, nodes, socket } = deployment.address;
  if (kind === 'sentinel') return masterLookup(deployment, STORE_TIMEOUT);
  if (kind === 'cluster') return slotOwnerLookup(deployment, { key, timeout: STORE_TIMEOUT });
  const endpoint = socket === undefined ? nodes[0]! : { path: socket };
  return async () => endpoint;
}
