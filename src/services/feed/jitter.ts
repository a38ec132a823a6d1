/** Spreads ends and reconnects of streams over time: clients that left together must not come back together. */
export class Jitter {
  readonly #retry: number;
  readonly #maxAge: number;
  readonly #random: () => number;

  /** `retry` and `maxAge` in seconds; `random` from 0 to 1. */
  constructor(options: { retry: number; maxAge: number; random: () => number }) {
    this.#retry = options.retry;
    this.#maxAge = options.maxAge;
    this.#random = options.random;
  }

  /** Milliseconds that a connection lasts: `maxAge`, give or take a tenth. */
  connectionAge(): number {
    return this.#jittered(this.#maxAge, 0.1);
  }

  /** Milliseconds until a client reconnects after a cut: `retry`, give or take a half. */
  reconnectDelay(): number {
    return this.#jittered(this.#retry, 0.5);
  }

  /** The same after a `bye`. `window`: seconds over which the clients that are sent away together come back. */
  delayAfterBye(window = this.#retry): number {
    return (this.#retry * 0.5 + this.#random() * window) * 1000;
  }

  #jittered(seconds: number, share: number): number {
    return seconds * 1000 * (1 - share + 2 * share * this.#random());
  }
}
