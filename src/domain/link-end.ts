import { hasEndpoint, type Compositor } from './compositor.ts';
import type { LinkEnd } from './connector.ts';

/** Why the daemon ends a link that a compositor opened. The codes from 4000 are ours; what to do is in docs/connectors.md. */
export const LINK_ENDS = {
  /** The daemon stops: connect again, perhaps to another replica. */
  shutdown: { code: 1001, reason: 'shutdown' },
  /** Its token was revoked or has expired. */
  unauthorized: { code: 1008, reason: 'unauthorized' },
  /** Connect again later. */
  tryAgain: { code: 1013, reason: 'try-again' },
  /** The same registration opened another link. */
  replaced: { code: 4001, reason: 'replaced' },
  /** The operator stopped the compositor (`enabled: false`). */
  stopped: { code: 4002, reason: 'stopped' },
  /** The compositor names an endpoint now: the daemon connects there. */
  hasEndpoint: { code: 4003, reason: 'has-endpoint' },
  /** Its lease ran out, and the link could not renew it: renew it, and connect again. */
  stale: { code: 4004, reason: 'stale' },
  /** It is not registered any more: register, publish, and connect again. */
  notFound: { code: 4404, reason: 'not-found' },
  /** Another registration holds the lease. */
  leaseLost: { code: 4409, reason: 'lease-lost' },
} as const satisfies Record<string, LinkEnd>;

/** Why a link of the registration `generation` ends, by what the manifest says now; undefined while it may go on. */
export function linkEndOf(
  entry: Compositor | undefined,
  generation: string | undefined,
): LinkEnd | undefined {
  if (!entry) return LINK_ENDS.notFound;
  if (entry.generation !== generation) return LINK_ENDS.leaseLost;
  if (!entry.enabled) return LINK_ENDS.stopped;
  if (hasEndpoint(entry)) return LINK_ENDS.hasEndpoint;
  return entry.staleAt === undefined ? undefined : LINK_ENDS.stale;
}
