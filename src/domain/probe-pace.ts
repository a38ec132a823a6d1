import type { Verdict } from './hysteresis.ts';

export interface Pace {
  /** Milliseconds between two probes of what is well. */
  readonly interval: number;
}

/** Of the interval: how soon it is asked again while its failures are not enough yet for a verdict. */
const DOUBT = 0.2;
/** Of the interval: how far apart attempts at what is down become, on average half of that. */
const PATIENCE = 2;

/**
 * Milliseconds until the next probe after `verdict`; `random` is in [0, 1). What is down is tried again with full
 * jitter, so that a thousand that went together do not come back together.
 */
export function probeDelay(verdict: Verdict, { interval }: Pace, random: number): number {
  const { link, failures, passes } = verdict;
  // The first look after a connect comes at any time of the interval: from then on they are spread over it.
  if (failures === 0) return interval * (passes === 1 ? random : 0.95 + random / 10);
  const doubt = interval * DOUBT;
  if (link !== 'disconnected') return doubt * (0.75 + random / 2);
  const most = Math.min(doubt * 2 ** Math.min(failures, 16), interval * PATIENCE);
  return doubt / 4 + most * random;
}
