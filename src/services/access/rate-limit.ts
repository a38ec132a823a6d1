/** Clients after which those are forgotten that have been quiet. */
const PRUNE_AT = 10_000;

/** What a client may still do. */
export interface Allowance {
  /** Requests that it may make at once. */
  readonly remaining: number;
  /** Milliseconds until another request is accepted; 0 when this one is. */
  readonly retryAfter: number;
}

/**
 * Limits how many requests a client makes in a second, averaged over some seconds. It keeps one number per client: the time
 * at which all that it has used so far is given back to it (the generic cell rate algorithm of ATM).
 */
export class RateLimit {
  /** How many requests were refused; only grows. */
  refused = 0;
  /** Requests that a quiet client may make at once. */
  readonly burst: number;
  /** Milliseconds over which the rate is averaged. */
  readonly window: number;
  readonly #interval: number;
  readonly #full = new Map<string, number>();
  #pruneAt = PRUNE_AT;

  /** `seconds`: over which the rate is averaged. */
  constructor(options: { perSecond: number; seconds: number }) {
    this.#interval = 1000 / options.perSecond;
    this.window = options.seconds * 1000;
    this.burst = options.perSecond * options.seconds;
  }

  /** Counts a request of `client` at `now` (milliseconds, monotonic). */
  take(client: string, now: number): Allowance {
    const full = Math.max(this.#full.get(client) ?? now, now) + this.#interval;
    // A thousandth of a request: sums of fractions are not exact.
    const late = full - now - this.window - this.#interval / 1000;
    if (late > 0) {
      this.refused += 1;
      return { remaining: 0, retryAfter: late };
    }
    this.#full.set(client, full);
    if (this.#full.size > this.#pruneAt) this.#prune(now);
    return { remaining: Math.floor((this.window - (full - now)) / this.#interval), retryAfter: 0 };
  }

  #prune(now: number): void {
    for (const [client, full] of this.#full) if (full <= now) this.#full.delete(client);
    // Twice what is left: looked through once for as many new clients.
    this.#pruneAt = Math.max(PRUNE_AT, this.#full.size * 2);
  }
}
