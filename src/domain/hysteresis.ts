import type { Link } from './compositor.ts';

/** What a run of probes says. */
export interface Verdict {
  /** Undefined before there were enough of either kind. */
  readonly link: Link | undefined;
  /** Failed probes in a row. */
  readonly failures: number;
  /** Probes in a row that went well. */
  readonly passes: number;
}

export interface Thresholds {
  /** So many failures in a row make `disconnected`. */
  readonly failures: number;
  /** So many passes in a row make `connected`. */
  readonly passes: number;
}

/** The verdict after one more probe: one that goes wrong, or well, among many others says nothing yet. */
export function judged(before: Verdict, passed: boolean, thresholds: Thresholds): Verdict {
  const failures = passed ? 0 : before.failures + 1;
  const passes = passed ? before.passes + 1 : 0;
  if (failures >= thresholds.failures) return { link: 'disconnected', failures, passes };
  if (passes >= thresholds.passes) return { link: 'connected', failures, passes };
  return { link: before.link, failures, passes };
}
