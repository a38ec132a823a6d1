import type { Claims } from '../../domain/claims.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import { TransportPeerBus } from '../peer-bus/transport-peer-bus.ts';
import { keysOf } from './keys.ts';
import { parseRedisAddress } from './redis-address.ts';
import { RedisTransport } from './redis-transport.ts';
import { RedisClaims } from './redis-claims.ts';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import { RedisStore, type RedisStoreOptions } from './redis-store.ts';

/** What replicas share in one Redis besides commits. To be closed post first: it sends over the connection of the claims. */
export interface RedisCoordination {
  readonly claims: Claims;
  readonly peerBus: PeerBus;
}

export type RedisOptions = RedisStoreOptions & { readonly log: Pick<Logger, 'error'> };

/** The store, and what its replicas say to each other. Throws as `RedisStore.open` does. */
export async function openRedis(options: RedisOptions): Promise<RedisCoordination & { store: RedisStore }> {
  const store = await RedisStore.open(options);
  try {
    return { store, ...(await openCoordination(options)) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Claims and post over one connection of their own: a command must not wait behind a commit of a million tiles. */
export async function openCoordination(options: RedisOptions): Promise<RedisCoordination> {
  const { clock, namespace, log } = options;
  const address = parseRedisAddress(options.address);
  const keys = keysOf(namespace);
  const connect = (role: string, hooks: Pick<RedisConnectionOptions, 'onReady' | 'onMessage'> = {}) =>
    new RedisConnection({
      address,
      clock,
      name: `compositord-${role}`,
      key: keys.log,
      again: true,
      ...hooks,
    });
  const commands = connect('company');
  const transport = new RedisTransport({
    namespace,
    clock,
    commands,
    connect: (hooks) => connect('post', hooks),
  });
  const claims = new RedisClaims({ connection: commands, keys });
  return { claims, peerBus: await TransportPeerBus.open({ clock, transport, log }) };
}
