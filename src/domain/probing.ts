import type { Link } from './compositor.ts';

/** What the latest probes of one compositor say together. */
export interface ProbeState {
  /** Undefined until enough probes in a row have agreed. */
  readonly link: Link | undefined;
  /** Failed probes in a row. */
  readonly failures: number;
  /** Successful probes in a row. */
  readonly passes: number;
}

export interface ProbeThresholds {
  /** Failures in a row that turn the link `disconnected`. */
  readonly failures: number;
  /** Passes in a row that turn the link `connected`. */
  readonly passes: number;
}

/** While failures are still below their threshold, the next probe comes after this part of the interval. */
const RETRY = 0.2;
/** The longest delay between two attempts at a disconnected compositor, in intervals. */
const MAX_BACKOFF = 2;

/** The state after one more probe. The link turns only at a threshold, so one lost packet changes nothing. */
export function afterProbe(before: ProbeState, passed: boolean, thresholds: ProbeThresholds): ProbeState {
  const failures = passed ? 0 : before.failures + 1;
  const passes = passed ? before.passes + 1 : 0;
  if (failures >= thresholds.failures) return { link: 'disconnected', failures, passes };
  if (passes >= thresholds.passes) return { link: 'connected', failures, passes };
  return { link: before.link, failures, passes };
}

/**
 * Milliseconds until the next probe. `interval` (ms) separates two probes of a healthy compositor; `random` is in [0, 1).
 * A disconnected one is retried with exponential backoff and full jitter: without the jitter a thousand that went down
 * together would come back together.
 */
export function probeDelay({ link, failures, passes }: ProbeState, interval: number, random: number): number {
  // The second probe comes anywhere in the interval, so that compositors which connected together spread out.
  if (failures === 0) return interval * (passes === 1 ? random : 0.95 + random / 10);
  const retry = interval * RETRY;
  if (link !== 'disconnected') return retry * (0.75 + random / 2);
  const longest = Math.min(retry * 2 ** Math.min(failures, 16), interval * MAX_BACKOFF);
  return retry / 4 + longest * random;
}
