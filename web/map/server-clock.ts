/** Milliseconds up to which two clocks count as equal: a message takes a part of them, and nobody knows which. */
const EQUAL = 2000;
const SAMPLES = 8;

/** The daemon's time, by the times in its messages. The clock of this machine may be a day off. */
export class ServerClock {
  readonly #local: () => number;
  #differences: number[] = [];

  constructor(local: () => number = Date.now) {
    this.#local = local;
  }

  /** A message has just come that was sent at `sent`, in ms since 1970 by the daemon's clock. */
  observe(sent: number): void {
    if (!Number.isFinite(sent)) return;
    this.#differences = [...this.#differences, this.#local() - sent].slice(-SAMPLES);
  }

  /** Milliseconds that this machine's clock is ahead of the daemon's, about. The fastest message says it best. */
  get skew(): number {
    if (this.#differences.length === 0) return 0;
    const least = Math.min(...this.#differences);
    return least < 0 || least > EQUAL ? least : 0;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#local() - this.skew;
  }
}
