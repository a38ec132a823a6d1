/** A promise that is settled once, from outside. Without anybody who waits for it, a rejection is no error. */
export class Ready<T> {
  readonly #promise: Promise<T>;
  fulfil: (value: T) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;
  /** Somebody has taken the promise. */
  isUsed = false;

  constructor() {
    this.#promise = new Promise((resolve, reject) => {
      this.fulfil = resolve;
      this.reject = reject;
    });
    this.#promise.catch(() => undefined);
  }

  get promise(): Promise<T> {
    this.isUsed = true;
    return this.#promise;
  }
}
