import {
  hasEndpoint,
  isLive,
  isWatched,
  makeCompositor,
  type Compositor,
  type Info,
  type Link,
} from './compositor.ts';
import type { Target } from './connector.ts';

/** Where a compositor listens. */
export type Endpoint = { readonly [K in 'protocol' | 'address' | 'port']?: Compositor[K] | undefined };

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.protocol === b.protocol && a.address === b.address && a.port === b.port;
}

/** What a connection is kept with: a compositor and its endpoint; without an endpoint, one that dials in. */
export type ConnectionTarget = Endpoint & { readonly id: string };

/** What the connection of `entry` is kept with, if there is one. */
export function connectionTargetOf({ id, protocol, address, port }: Compositor): ConnectionTarget {
  return {
    id,
    ...(protocol !== undefined && { protocol }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  };
}

/** Whether the daemon opens the connection. */
export function isTarget(target: ConnectionTarget): target is Target {
  return hasEndpoint(target);
}

/** Where to connect to `entry`; undefined when the daemon opens no connection to it. */
export function targetOf(entry: Compositor | undefined): Target | undefined {
  if (!entry || !isWatched(entry)) return undefined;
  const target = connectionTargetOf(entry);
  return isTarget(target) ? target : undefined;
}

/** What a connection knows of a compositor, for the manifest. */
export interface ConnectionStatus {
  readonly target: ConnectionTarget;
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
  if (!entry || !isLive(entry) || entry.generation !== generation || !sameEndpoint(entry, target))
    return undefined;
  const sameInfo = link !== 'connected' || JSON.stringify(entry.info) === JSON.stringify(info);
  return entry.link === link && sameInfo ? undefined : makeCompositor({ ...entry, link, info });
}
