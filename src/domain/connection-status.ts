import { isWatched, makeCompositor, type Compositor, type Info, type Link } from './compositor.ts';
import type { Target } from './connector.ts';

/** Where a compositor listens. */
export type Endpoint = { readonly [K in 'protocol' | 'address' | 'port']?: Compositor[K] | undefined };

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.protocol === b.protocol && a.address === b.address && a.port === b.port;
}

/** Where to connect to `entry`; undefined when the daemon keeps no connection to it. */
export function targetOf(entry: Compositor | undefined): Target | undefined {
  if (!entry || !isWatched(entry)) return undefined;
  const { id, protocol, address, port } = entry;
  return { id, protocol: protocol!, address: address!, ...(port !== undefined && { port }) };
}

/** What a connection knows of a compositor, for the manifest. */
export interface ConnectionStatus {
  readonly target: Target;
  readonly generation: string | undefined;
  readonly link: Link;
  /** Absent: the compositor reports nothing about itself. */
  readonly info?: Info | undefined;
}

/**
 * The entry with `status` in it; undefined when the entry shows it already, or when `status` belongs to another
 * registration or another endpoint than the entry names.
 */
export function withConnectionStatus(
  entry: Compositor | undefined,
  status: ConnectionStatus,
): Compositor | undefined {
  const { target, generation, link, info } = status;
  if (!entry || !isWatched(entry) || entry.generation !== generation || !sameEndpoint(entry, target))
    return undefined;
  const sameInfo = link !== 'connected' || JSON.stringify(entry.info) === JSON.stringify(info);
  return entry.link === link && sameInfo ? undefined : makeCompositor({ ...entry, link, info });
}
