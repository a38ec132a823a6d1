/** Those who wait for one thing: in order of coming, one at a time, at most `places` with the one whose turn it is. */
export class Line {
  readonly #places: number;
  readonly #waiting: (() => void)[] = [];
  #busy = false;

  constructor(options: { places: number }) {
    this.#places = options.places;
  }

  get full(): boolean {
    return this.#busy && this.#waiting.length + 1 >= this.#places;
  }

  /** Resolves to true when it is the caller's turn, which lasts until {@link leave}; to false when the signal comes first. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (!this.#busy) {
      this.#busy = true;
      return true;
    }
    return new Promise((resolve) => {
      const start = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        resolve(false);
      };
      this.#waiting.push(start);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Ends the turn. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy = false;
  }
}
