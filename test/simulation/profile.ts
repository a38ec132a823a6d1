import type { FeedLimits } from '../../src/services/feed/limits.ts';
import { FEED_LIMITS } from '../../src/services/feed/limits.ts';
import type { Random } from './random.ts';

export const FAULTS = [
  'drop',
  'cut',
  'stall',
  'restart',
  'freeze',
  'flush',
  'rewind',
  'failover',
  'jump',
] as const;
export type Fault = (typeof FAULTS)[number];

/** The parameters that a seed draws: each leaves some faults out, or the worst of them would hide the others. */
export interface Profile {
  readonly replicas: number;
  readonly readers: number;
  readonly faults: readonly Fault[];
  /** Events before peace is made. */
  readonly steps: number;
  /** Mean milliseconds between two actions of clients or faults. */
  readonly interval: number;
  /** Mean milliseconds that a message to the store takes. */
  readonly latency: number;
  /** Of requests to the store: lost, answered in vain, or done long after. */
  readonly loss: number;
  readonly lostHints: number;
  /** Commits that the store's log keeps, and gives in one answer. */
  readonly keep: number;
  readonly cap: number;
  /** Commits and seconds that a replica keeps. */
  readonly history: { readonly commits: number; readonly seconds: number };
  readonly refill: 'auto' | 'never';
  readonly limits: FeedLimits;
  readonly buffer: number;
  /** Seconds. */
  readonly maxAge: number;
  readonly heartbeat: number;
  readonly ttl: number;
  /** How likely a socket is full after a frame. */
  readonly draining: number;
  /** How fast the store's clock runs. */
  readonly clockRate: number;
  /** Milliseconds for which areas are kept that nobody uses. */
  readonly areasKept: number;
  /** Tiles above which the end of a compositor is a withdrawal. */
  readonly namedAtMost: number;
  /** Compositors reserve regions. */
  readonly regions: boolean;
}

export function drawProfile(random: Random): Profile {
  const calm = random.chance(0.1);
  const small = random.chance(0.6);
  return {
    replicas: random.pick([1, 1, 2, 2, 3]),
    readers: 1 + random.int(4),
    faults: calm ? [] : FAULTS.filter(() => random.chance(0.45)),
    steps: 120 + random.int(180),
    interval: random.pick([3, 15, 60]),
    latency: random.pick([0.3, 2, 15]),
    loss: calm ? 0 : random.pick([0, 0, 0.02, 0.1]),
    lostHints: random.pick([0, 0.3, 1]),
    keep: random.pick([3 + random.int(6), 3 + random.int(6), Infinity]),
    cap: random.pick([1 + random.int(4), Infinity]),
    history: { commits: random.pick([3 + random.int(6), 60]), seconds: random.pick([0, 0, 2]) },
    refill: random.chance(0.9) ? 'auto' : 'never',
    limits: small
      ? {
          part: random.pick([200, 400]),
          lookedAt: 1 + random.int(8),
          partsAtOnce: 1 + random.int(2),
          partsBeforeReAim: random.int(4),
          pendingNames: random.int(4),
          slice: 1 + random.int(2),
        }
      : FEED_LIMITS,
    buffer: random.pick([300, 1_000_000]),
    maxAge: random.pick([2, 1000, 1000]),
    heartbeat: random.pick([1, 15]),
    ttl: random.pick([1, 2, 30]),
    draining: random.pick([0, 0.3, 0.8]),
    clockRate: random.pick([1, 1, 0.97, 1.03]),
    areasKept: random.pick([0, 100, 60_000]),
    namedAtMost: random.pick([0, 1, 1000]),
    regions: random.chance(0.5),
  };
}
