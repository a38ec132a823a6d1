import type { Clock } from '../../src/domain/clock.ts';
import type { Agenda, Process } from './agenda.ts';
import type { Random } from './random.ts';

/** 2023-11-14: where virtual time starts, milliseconds since 1970. */
export const START = 1_700_000_000_000;

/** The clock of one process: timers are late by a little, in any order, and never fire while it stands still. */
export class SimClock implements Clock {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #process: Process;
  readonly #skew: number;

  constructor(options: { agenda: Agenda; random: Random; process: Process; skew: number }) {
    this.#agenda = options.agenda;
    this.#random = options.random;
    this.#process = options.process;
    this.#skew = options.skew;
  }

  now(): number {
    return Math.floor(START + this.#agenda.now + this.#skew);
  }

  monotonic(): number {
    return this.#agenda.now;
  }

  soon(run: () => void): void {
    // Now and then the event loop has much else to do.
    const wait = this.#random.chance(0.2) ? this.#random.between(0, 6) : this.#random.between(0, 0.3);
    this.#agenda.after(wait, this.#process, run);
  }

  after(ms: number, run: () => void): () => void {
    return this.#agenda.after(ms + this.#random.between(0, 2), this.#process, run);
  }
}
