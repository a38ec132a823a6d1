import { SystemClock } from '../../src/adapters/system-clock.ts';

/** The machine's clock, which a test may put forward; timers that run stay as they are. */
export class ClockAhead extends SystemClock {
  /** Milliseconds. */
  ahead = 0;

  override now(): number {
    return super.now() + this.ahead;
  }

  override monotonic(): number {
    return super.monotonic() + this.ahead;
  }
}
