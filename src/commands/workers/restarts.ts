/** Milliseconds that a worker serves at least; one that ends earlier has ended at once. */
const STABLE = 10_000;
/** Milliseconds before the first and before the longest-delayed new start. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
/** So many ends at once in a row are no accident any more. */
const MOST = 6;

/** Decides when a worker that ended is started again. */
export class Restarts {
  #inARow = 0;

  /** Milliseconds until the next start, after one that served for `served` ms (0: it never did); undefined: it is hopeless. */
  delayAfter(served: number): number | undefined {
    this.#inARow = served >= STABLE ? 1 : this.#inARow + 1;
    if (this.#inARow >= MOST) return undefined;
    return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (this.#inARow - 1));
  }
}
