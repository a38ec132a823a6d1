import type { Clock } from '../../domain/clock.ts';

/** Milliseconds: the shortest and the longest turn. A client that dies in its turn stops the others for that long. */
const SHORTEST = 20;
const LONGEST = 500;

/**
 * For how long a client that lost the race keeps the others back: three times what its commits take. It may lose once
 * more to somebody before it in line, and its turn must outlast that, the planning, and the way there once again.
 */
export class TicketTime {
  readonly #clock: Clock;
  #roundTrip = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get milliseconds(): number {
    return Math.round(Math.min(LONGEST, SHORTEST + 3 * this.#roundTrip));
  }

  /** Runs one round trip. A single slow one counts little: it may have been a stall of our own. */
  async measure<T>(roundTrip: () => Promise<T>): Promise<T> {
    const begun = this.#clock.monotonic();
    const reply = await roundTrip();
    const took = this.#clock.monotonic() - begun;
    this.#roundTrip += (took - this.#roundTrip) / 4;
    return reply;
  }
}
