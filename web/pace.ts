/** Rests so many times as long as the work took: it gets a twentieth of the time, whatever it costs. */
const REST = 19;

/** How often to do what may cost much. */
export class Pace {
  readonly #every: number;
  readonly #clock: () => number;
  #due = -Infinity;

  /** `every` is milliseconds between two turns of work that costs nothing. */
  constructor(options: { every: number; clock: () => number }) {
    this.#every = options.every;
    this.#clock = options.clock;
  }

  /** What `work` returns; undefined when its turn has not come. */
  run<T>(work: () => T): T | undefined {
    const start = this.#clock();
    if (start < this.#due) return undefined;
    const result = work();
    const end = this.#clock();
    this.#due = Math.max(start + this.#every, end + (end - start) * REST);
    return result;
  }
}
