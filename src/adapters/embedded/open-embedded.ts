import type { Claims } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Post } from '../../domain/post.ts';
import { PostOffice } from '../post-office.ts';
import { EmbeddedClaims } from './embedded-claims.ts';
import { EmbeddedStore } from './embedded-store.ts';
import { SocketCarrier } from './socket-carrier.ts';

/** What the daemons on one folder share besides commits. */
export interface EmbeddedCompany {
  readonly claims: Claims;
  readonly post: Post;
}

/** The store, and what the daemons on it say to each other. Throws as `EmbeddedStore.open` does. */
export async function openEmbedded(options: {
  path: string;
  clock: Clock;
}): Promise<EmbeddedCompany & { store: EmbeddedStore }> {
  const store = await EmbeddedStore.open(options);
  return { store, ...(await openCompany(options)) };
}

export async function openCompany(options: { path: string; clock: Clock }): Promise<EmbeddedCompany> {
  const claims = await EmbeddedClaims.open(options);
  const post = await PostOffice.open({ clock: options.clock, carrier: new SocketCarrier(options) });
  return { claims, post };
}
