import { isWatched, makeCompositor, type Compositor, type Info, type Link } from './compositor.ts';
import type { Target } from './connector.ts';
import { blank } from './holder.ts';

/** Where something listens. */
export type Place = { readonly [K in 'protocol' | 'address' | 'port']?: Compositor[K] | undefined };

export function samePlace(a: Place, b: Place): boolean {
  return a.protocol === b.protocol && a.address === b.address && a.port === b.port;
}

/** Where the connector of `entry` is to connect to; undefined when it is to have none. */
export function targetOf(entry: Compositor | undefined): Target | undefined {
  if (!entry || !isWatched(entry)) return undefined;
  const { id, protocol, address, port } = entry;
  return { id, protocol: protocol!, address: address!, ...(port !== undefined && { port }) };
}

/** What a connector found out, and of whom. */
export interface Finding {
  readonly target: Target;
  readonly generation: string | undefined;
  readonly link: Link;
  /** Absent: it says nothing of itself. */
  readonly info?: Info | undefined;
}

/**
 * The entry with what was found; undefined when that changes nothing, or was found of another registration or another
 * place than the entry now names.
 */
export function withFinding(entry: Compositor | undefined, finding: Finding): Compositor | undefined {
  const { target, generation, link, info } = finding;
  if (!entry || !isWatched(entry) || entry.generation !== generation || !samePlace(entry, target))
    return undefined;
  const sameInfo = link !== 'connected' || JSON.stringify(entry.info) === JSON.stringify(info);
  return entry.link === link && sameInfo ? undefined : makeCompositor({ ...blank, ...entry, link, info });
}
