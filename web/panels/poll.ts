/** Reads something again and again while the page is seen; an answer that comes too late is dropped. */
export class Poll<T> {
  readonly #read: () => Promise<T>;
  readonly #every: number;
  readonly #onValue: (value: T) => void;
  readonly #onError: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round = 0;
  #closed = false;

  constructor(options: {
    read: () => Promise<T>;
    /** Milliseconds from an answer to the next reading. */
    every: number;
    onValue: (value: T) => void;
    onError?: (error: unknown) => void;
  }) {
    this.#read = options.read;
    this.#every = options.every;
    this.#onValue = options.onValue;
    this.#onError = options.onError ?? (() => undefined);
  }

  /** Reads now; an answer under way no longer counts. */
  now(): void {
    clearTimeout(this.#timer);
    const round = ++this.#round;
    const isOver = () => this.#closed || round !== this.#round;
    const again = () => {
      if (!isOver()) this.#timer = setTimeout(() => this.now(), this.#every);
    };
    if (document.hidden) return again();
    this.#read()
      .then(
        (value) => {
          if (!isOver()) this.#onValue(value);
        },
        (error: unknown) => {
          if (!isOver()) this.#onError(error);
        },
      )
      .finally(again);
  }

  /** Reads no more, until `now` is called. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#round += 1;
  }

  close(): void {
    this.#closed = true;
    this.stop();
  }
}
