import { encodeEvent, encodeRetry } from './event.ts';

/** When streams end and their clients come back; jittered, so that those who left together do not return together. */
export class Jitter {
  readonly #retry: number;
  readonly #maxAge: number;
  readonly #random: () => number;

  /** `retry` and `maxAge` in seconds; `random` from 0 to 1. */
  constructor(options: { retry: number; maxAge: number; random: () => number }) {
    this.#retry = options.retry;
    this.#maxAge = options.maxAge;
    this.#random = options.random;
  }

  /** Milliseconds that a stream lasts, give or take a tenth. */
  lifetime(): number {
    return this.#jittered(this.#maxAge, 0.1);
  }

  /** Tells a client when to come back, give or take a half, if the connection breaks. */
  retry(): string {
    return encodeRetry(this.#jittered(this.#retry, 0.5));
  }

  /** Sends a client away. `window`: seconds over which those who are sent away at once come back. */
  bye(reason: string, window = this.#retry): string {
    const ms = (this.#retry * 0.5 + this.#random() * window) * 1000;
    return `${encodeRetry(ms)}${encodeEvent('bye', undefined, JSON.stringify({ reason }))}`;
  }

  #jittered(seconds: number, share: number): number {
    return seconds * 1000 * (1 - share + 2 * share * this.#random());
  }
}
