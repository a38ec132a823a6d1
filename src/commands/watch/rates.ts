/** Rates are averages over this many milliseconds. */
const WINDOW = 5_000;

interface Sample {
  readonly at: number;
  readonly commits: number;
  /** Tiles, or areas. */
  readonly cells: number;
  /** Milliseconds from the commit to its arrival, by the clocks of the two machines. */
  readonly delay: number | undefined;
}

/** Recent rates of changes. `now` is monotonic milliseconds. */
export class Rates {
  #samples: Sample[] = [];
  #since: number | undefined;

  add(sample: Sample): void {
    this.#since ??= sample.at;
    this.#samples.push(sample);
    // `at` may never be called.
    if (this.#samples.length % 1000 === 0) this.#forget(sample.at);
  }

  /** Per second; the delay is the median, undefined without changes. */
  at(now: number): { commits: number; cells: number; delay: number | undefined } {
    this.#forget(now);
    const seconds = Math.min(WINDOW, Math.max(1000, now - (this.#since ?? now))) / 1000;
    const sum = (field: 'commits' | 'cells') =>
      this.#samples.reduce((total, sample) => total + sample[field], 0);
    const delays = this.#samples.flatMap(({ delay }) => delay ?? []).sort((a, b) => a - b);
    return {
      commits: sum('commits') / seconds,
      cells: sum('cells') / seconds,
      delay: delays[delays.length >> 1],
    };
  }

  #forget(now: number): void {
    this.#samples = this.#samples.filter(({ at }) => at > now - WINDOW);
  }
}
