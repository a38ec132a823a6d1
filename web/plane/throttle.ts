/** After each run it pauses this many times as long as the run took, so the work gets at most a twentieth of the time. */
const PAUSE_FACTOR = 19;

/** Limits how often expensive work runs. */
export class Throttle {
  readonly #every: number;
  readonly #clock: () => number;
  #due = -Infinity;

  /** `every`: minimum milliseconds between two runs. */
  constructor(options: { every: number; clock: () => number }) {
    this.#every = options.every;
    this.#clock = options.clock;
  }

  /** Runs `work` and returns its result; undefined when it is too early. */
  run<T>(work: () => T): T | undefined {
    const start = this.#clock();
    if (start < this.#due) return undefined;
    const result = work();
    const end = this.#clock();
    this.#due = Math.max(start + this.#every, end + (end - start) * PAUSE_FACTOR);
    return result;
  }
}
