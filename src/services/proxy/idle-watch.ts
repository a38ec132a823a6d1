import type { Clock } from '../../domain/clock.ts';

/** Calls `idle` once, when nothing has `moved` for `ms`. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #idle: () => void;
  #last: number;
  #cancel: () => void;

  constructor(options: { clock: Clock; ms: number; idle: () => void }) {
    this.#clock = options.clock;
    this.#ms = options.ms;
    this.#idle = options.idle;
    this.#last = options.clock.monotonic();
    this.#cancel = this.#look(options.ms);
  }

  /** Costs no timer: it is called for every piece of a body. */
  moved(): void {
    this.#last = this.#clock.monotonic();
  }

  stop(): void {
    this.#cancel();
  }

  #look(ms: number): () => void {
    return this.#clock.after(ms, () => {
      const left = this.#last + this.#ms - this.#clock.monotonic();
      if (left <= 0) this.#idle();
      else this.#cancel = this.#look(left);
    });
  }
}
