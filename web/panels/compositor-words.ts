import type { Compositor } from '../../src/client/client.ts';
import type { AgeOf } from '../page/age.ts';
import type { HealthDetail } from './details-api.ts';

/** How it stands with a compositor: what is good, of no concern, to look at, broken. */
export type Tone = 'good' | 'calm' | 'warn' | 'bad';

export interface Condition {
  readonly tone: Tone;
  readonly title: string;
  /** Why, in a sentence or two; empty when there is nothing to explain. */
  readonly why: string;
}

/** The tone of each status. `isFailing`: its last check failed, which only matters while it counts as connected. */
export function toneOf(status: string, isFailing = false): Tone {
  if (status === 'connected') return isFailing ? 'warn' : 'good';
  if (status === 'disconnected') return 'bad';
  return status === 'stale' ? 'warn' : 'calm';
}

/** How a compositor is, and why. `health`: as its connection sees it, if that is known. */
export function conditionOf(entry: Compositor, health: HealthDetail | undefined, ageOf: AgeOf): Condition {
  const tone = toneOf(entry.status, health !== undefined && health.failures > 0);
  switch (entry.status) {
    case 'connected':
      if (!health || health.failures === 0) return { tone, title: 'Connected', why: '' };
      return { tone, title: 'Connected, with errors', why: failuresText(health) };
    case 'disconnected':
      return { tone, title: 'Disconnected', why: lostText(entry, health, ageOf) };
    case 'stale':
      return { tone, title: 'Stale', why: staleText(entry, ageOf) };
    case 'stopped':
      return { tone, title: 'Stopped', why: 'An operator disabled it: the daemon does not connect to it.' };
    case 'registered':
      if (endpointOf(entry) === undefined)
        return {
          tone,
          title: 'Registered',
          why: 'It renews its lease itself; the daemon has no connection to it.',
        };
      return {
        tone,
        title: 'Connecting',
        why: health?.lastError ? failuresText(health) : 'The first check is under way.',
      };
    default:
      return { tone, title: entry.status, why: '' };
  }
}

/** Where the daemon connects to it; undefined: it does not say where it listens. */
export function endpointOf({ protocol, address, port }: Compositor): string | undefined {
  if (typeof protocol !== 'string' || typeof address !== 'string') return undefined;
  if (protocol === 'libp2p') return address;
  if (typeof port !== 'number') return undefined;
  return `${protocol}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** From which side it is connected. */
export function connectionText(entry: Compositor): string {
  const endpoint = endpointOf(entry);
  if (endpoint !== undefined) return `the daemon connects to ${endpoint}`;
  if (entry['link'] === undefined) return 'none';
  return entry['link'] === 'connected' ? 'it has dialed in' : 'it had dialed in';
}

function lostText(entry: Compositor, health: HealthDetail | undefined, ageOf: AgeOf): string {
  const endpoint = endpointOf(entry);
  const began = health?.changedAt === undefined ? '' : ` That began ${ageOf(Date.parse(health.changedAt))}.`;
  const lost =
    endpoint === undefined
      ? `It had dialed in, and its connection is lost.${began}`
      : `The daemon cannot reach it at ${endpoint}.${began}`;
  return health?.lastError ? `${lost} ${failuresText(health)}` : lost;
}

function failuresText({ failures, lastError }: HealthDetail): string {
  // The daemon says first of what kind it is, and that it failed is said here.
  const error = lastError === undefined ? '.' : `: ${lastError.replace(/^failed: |\.$/g, '')}.`;
  if (failures === 0) return `The last error was${error}`;
  return failures === 1 ? `The last check failed${error}` : `The last ${failures} checks failed${error}`;
}

function staleText({ staleAt, ttl }: Compositor, ageOf: AgeOf): string {
  const when = typeof staleAt === 'string' ? ` ${ageOf(Date.parse(staleAt))}` : '';
  const length = typeof ttl === 'number' ? ` of ${ttl} s` : '';
  return `Its lease${length} ran out${when}, and it has not renewed it. If it stays away, it goes with its tiles.`;
}
