import type { Claims } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import { TransportPeerBus } from '../peer-bus/transport-peer-bus.ts';
import { EmbeddedClaims } from './embedded-claims.ts';
import { EmbeddedStore } from './embedded-store.ts';
import { SocketTransport } from './socket-transport.ts';

/** What the daemons on one folder share besides commits. */
export interface EmbeddedCoordination {
  readonly claims: Claims;
  readonly peerBus: PeerBus;
}

export interface EmbeddedOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

/** The store, and what the daemons on it say to each other. Throws as `EmbeddedStore.open` does. */
export async function openEmbedded(
  options: EmbeddedOptions,
): Promise<EmbeddedCoordination & { store: EmbeddedStore }> {
  const store = await EmbeddedStore.open(options);
  return { store, ...(await openCoordination(options)) };
}

export async function openCoordination(options: EmbeddedOptions): Promise<EmbeddedCoordination> {
  const { clock, log } = options;
  const claims = await EmbeddedClaims.open(options);
  const peerBus = await TransportPeerBus.open({ clock, log, transport: new SocketTransport(options) });
  return { claims, peerBus };
}
