/** Milliseconds over which rates are taken. */
const WINDOW = 5_000;

interface Sample {
  readonly at: number;
  readonly commits: number;
  readonly tiles: number;
  /** Milliseconds from the commit until it was here, by the two clocks. */
  readonly delay: number | undefined;
}

/** How much has happened lately. `now` is monotonic milliseconds. */
export class Rates {
  #samples: Sample[] = [];
  #since: number | undefined;

  add(sample: Sample): void {
    this.#since ??= sample.at;
    this.#samples.push(sample);
    // Here too: nobody may be asking.
    if (this.#samples.length % 1000 === 0) this.#forget(sample.at);
  }

  /** Per second; the delay is the median, undefined when nothing came. */
  at(now: number): { commits: number; tiles: number; delay: number | undefined } {
    this.#forget(now);
    const seconds = Math.min(WINDOW, Math.max(1000, now - (this.#since ?? now))) / 1000;
    const sum = (field: 'commits' | 'tiles') =>
      this.#samples.reduce((total, sample) => total + sample[field], 0);
    const delays = this.#samples.flatMap(({ delay }) => delay ?? []).sort((a, b) => a - b);
    return {
      commits: sum('commits') / seconds,
      tiles: sum('tiles') / seconds,
      delay: delays[delays.length >> 1],
    };
  }

  #forget(now: number): void {
    this.#samples = this.#samples.filter(({ at }) => at > now - WINDOW);
  }
}
