import type { Clock } from '../domain/clock.ts';
import { repeat } from './timeout.ts';

const INTERVAL = 1000;
/** Milliseconds that a timer may be late on a machine that is merely busy. */
const LONGEST = 2000;

/** Calls `onStall` with the milliseconds for which the process did nothing: it was stopped, or its machine slept. Returns how to end the watch. */
export function watchStalls(clock: Clock, onStall: (ms: number) => void): () => void {
  let last = clock.monotonic();
  return repeat(clock, INTERVAL, () => {
    const now = clock.monotonic();
    const late = now - last - INTERVAL;
    last = now;
    if (late > LONGEST) onStall(Math.round(late));
  });
}
