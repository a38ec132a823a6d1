/** So many at a time; the others wait in line. */
export class Lane {
  readonly #width: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** Resolves to what gives the place back, to be called once. */
  async enter(): Promise<() => void> {
    if (this.#busy >= this.#width) await new Promise<void>((resume) => this.#waiting.push(resume));
    else this.#busy += 1;
    return () => {
      const next = this.#waiting.shift();
      // The place goes on to who is next in line.
      if (next) next();
      else this.#busy -= 1;
    };
  }
}
