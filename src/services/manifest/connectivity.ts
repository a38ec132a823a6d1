import type { Clock } from '../../domain/clock.ts';

/** A silence this long (ms) breaks the touch: a poll is due every second, so something stood still. */
const SILENCE = 2500;

/** Whether, and for how long without a break, this replica has been in touch with the store. */
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
    // After a stall of our own (SIGSTOP, a laptop's lid) nothing failed, and yet we saw nothing.
    if (now - this.#last > SILENCE || this.#since === Infinity) this.#since = now;
    this.#last = now;
  }

  /** The store did not answer. */
  lost(): void {
    this.#since = Infinity;
  }

  /** What was watched so far does not count, though the store answers. */
  broken(): void {
    this.#since = this.#clock.monotonic();
  }

  get isConnected(): boolean {
    return this.#since !== Infinity;
  }

  /** Milliseconds since the store last answered. */
  silence(): number {
    return this.#clock.monotonic() - this.#last;
  }

  /** Milliseconds of unbroken touch; 0 while the last answer is too long ago to speak for the present. */
  connectedFor(): number {
    if (!this.isConnected || this.silence() > SILENCE) return 0;
    return this.#clock.monotonic() - this.#since;
  }
}
