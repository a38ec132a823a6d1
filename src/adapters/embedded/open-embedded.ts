import type { Claims } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import { TransportPeerBus } from '../peer-bus/transport-peer-bus.ts';
import { EmbeddedClaims } from './embedded-claims.ts';
import { EmbeddedStore } from './embedded-store.ts';
import { SocketCarrier } from './socket-transport.ts';

/** What the daemons on one folder share besides commits. */
export interface EmbeddedCompany {
  readonly claims: Claims;
  readonly post: PeerBus;
}

export interface EmbeddedCompanyOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

/** The store, and what the daemons on it say to each other. Throws as `EmbeddedStore.open` does. */
export async function openEmbedded(
  options: EmbeddedCompanyOptions,
): Promise<EmbeddedCompany & { store: EmbeddedStore }> {
  const store = await EmbeddedStore.open(options);
  return { store, ...(await openCompany(options)) };
}

export async function openCompany(options: EmbeddedCompanyOptions): Promise<EmbeddedCompany> {
  const { clock, log } = options;
  const claims = await EmbeddedClaims.open(options);
  const post = await TransportPeerBus.open({ clock, log, carrier: new SocketCarrier(options) });
  return { claims, post };
}
