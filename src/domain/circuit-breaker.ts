export interface BreakerPolicy {
  /** The breaker opens after this many failures in a row. */
  readonly failures: number;
  /** Milliseconds it stays open; doubled each time that the trial call after it fails, too. */
  readonly pause: number;
  /** The longest pause, in milliseconds. */
  readonly longest: number;
}

/**
 * Stops calls to something that keeps failing. Closed: calls pass. Open: no call until the pause is over. Half-open: one
 * trial call, which closes or opens the breaker again; a caller that makes one call at a time makes exactly one trial.
 * Times are milliseconds of one monotonic clock.
 */
export class CircuitBreaker {
  readonly #policy: BreakerPolicy;
  #failures = 0;
  /** How often in a row the breaker has opened. */
  #opened = 0;
  #until = -Infinity;

  constructor(policy: BreakerPolicy) {
    this.#policy = policy;
  }

  state(now: number): 'closed' | 'open' | 'half-open' {
    if (this.#failures < this.#policy.failures) return 'closed';
    return now < this.#until ? 'open' : 'half-open';
  }

  /** Milliseconds until the next call may be made; 0 when it may be made now. */
  wait(now: number): number {
    return this.state(now) === 'open' ? this.#until - now : 0;
  }

  passed(): void {
    this.#failures = 0;
    this.#opened = 0;
  }

  failed(now: number): void {
    this.#failures += 1;
    if (this.#failures < this.#policy.failures) return;
    const { pause, longest } = this.#policy;
    this.#until = now + Math.min(pause * 2 ** this.#opened, longest);
    this.#opened += 1;
  }
}
