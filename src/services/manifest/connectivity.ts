import type { Clock } from '../../domain/clock.ts';

/** After this many ms without an answer the connection counts as interrupted: a poll is due every second. */
const SILENCE = 2500;

/** Whether this replica is connected to the store, and for how long without an interruption. */
export class Connectivity {
  readonly #clock: Clock;
  #last = -Infinity;
  #since = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The store answered. */
  answered(): void {
    const now = this.#clock.monotonic();
    // After a stall of our own process (SIGSTOP, a closed laptop) no call has failed, yet we missed what happened.
    if (now - this.#last > SILENCE || this.#since === Infinity) this.#since = now;
    this.#last = now;
  }

  /** The store did not answer. */
  lost(): void {
    this.#since = Infinity;
  }

  /** Counts from now on only, though the store answers: what was observed before is not reliable. */
  restart(): void {
    this.#since = this.#clock.monotonic();
  }

  get isConnected(): boolean {
    return this.#since !== Infinity;
  }

  /** Milliseconds since the store last answered. */
  silence(): number {
    return this.#clock.monotonic() - this.#last;
  }

  /** Milliseconds without an interruption; 0 while the last answer is too long ago to be valid now. */
  connectedFor(): number {
    if (!this.isConnected || this.silence() > SILENCE) return 0;
    return this.#clock.monotonic() - this.#since;
  }
}
