import type { FeedSettings } from './limits.ts';

/** Spreads ends and reconnects of streams over time: clients that left together must not come back together. */
export class Jitter {
  readonly #settings: FeedSettings;
  readonly #random: () => number;

  /** `random` from 0 to 1. */
  constructor(settings: FeedSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  /** Milliseconds that a connection lasts: `maxAge`, give or take a tenth. */
  connectionAge(): number {
    return this.#jittered(this.#settings.maxAge, 0.1);
  }

  /** Milliseconds until a client reconnects after a cut: `retry`, give or take a half. */
  reconnectDelay(): number {
    return this.#jittered(this.#settings.retry, 0.5);
  }

  /** The same after a `bye`. `window`: seconds over which the clients that are sent away together come back. */
  delayAfterBye(window = this.#settings.retry): number {
    return (this.#settings.retry * 0.5 + this.#random() * window) * 1000;
  }

  #jittered(seconds: number, share: number): number {
    return seconds * 1000 * (1 - share + 2 * share * this.#random());
  }
}
