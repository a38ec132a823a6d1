export interface BreakerPolicy {
  /** Failures in a row after which it opens. */
  readonly failures: number;
  /** Milliseconds for which it stays open; twice as long each time that the try after it fails too. */
  readonly pause: number;
  /** The longest pause, milliseconds. */
  readonly longest: number;
}

/**
 * Whether to try something that failed before. Closed: yes. Open: no, until the pause is over. Half-open: one try, which
 * closes or opens it again; one that asks before every try and tries one at a time never makes two. Times are milliseconds
 * of one monotonic clock.
 */
export class CircuitBreaker {
  readonly #policy: BreakerPolicy;
  #failures = 0;
  /** How often in a row it has opened. */
  #opened = 0;
  #until = -Infinity;

  constructor(policy: BreakerPolicy) {
    this.#policy = policy;
  }

  state(now: number): 'closed' | 'open' | 'half-open' {
    if (this.#failures < this.#policy.failures) return 'closed';
    return now < this.#until ? 'open' : 'half-open';
  }

  /** Milliseconds until the next try; 0 when it may be made now. */
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
