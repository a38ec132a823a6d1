import type { Clock } from '../domain/clock.ts';

/** The machine's own clock. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  soon(run: () => void): void {
    setImmediate(run);
  }

  after(ms: number, run: () => void): () => void {
    // Longer waits than setTimeout can hold would fire at once: it takes 2^31 - 1 ms, about 24 days.
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), 0x7fffffff));
    // Without unref a renewal due in an hour would keep an otherwise finished process for that hour.
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  }
}
