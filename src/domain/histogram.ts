/** How measured values are spread over buckets, as Prometheus counts them. */
export class Histogram {
  /** Upper bounds of the buckets, rising; a last bucket has none. */
  readonly bounds: readonly number[];
  /** Values in each bucket, the last one without a bound. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    // Called for each frame of each reader: no closure.
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#sum += value;
  }

  /** All values together. */
  get sum(): number {
    return this.#sum;
  }

  /** How many values were at most each bound; the last number counts all of them. */
  get cumulative(): number[] {
    let total = 0;
    return this.#counts.map((count) => (total += count));
  }
}
