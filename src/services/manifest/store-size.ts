import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';

/** Milliseconds between two measurements. */
const INTERVAL = 15_000;

/**
 * How much the store takes. It is measured now and then, and never while somebody waits: a scrape has to answer most of all while
 * the store does not.
 */
export class StoreSize {
  /** Undefined while the store does not say. */
  bytes: number | undefined;
  readonly #measure: () => Promise<number | undefined>;
  readonly #clock: Clock;
  #measuring = false;
  #stop: () => void = () => undefined;

  /** `measure`: bytes that the store takes, about. It may throw. */
  constructor(options: { measure: () => Promise<number | undefined>; clock: Clock }) {
    this.#measure = options.measure;
    this.#clock = options.clock;
  }

  start(): void {
    void this.#update();
    this.#stop = repeat(this.#clock, INTERVAL, () => void this.#update());
  }

  stop(): void {
    this.#stop();
  }

  async #update(): Promise<void> {
    if (this.#measuring) return;
    this.#measuring = true;
    try {
      this.bytes = await this.#measure();
    } catch {
      // That the store is away is said elsewhere.
      this.bytes = undefined;
    } finally {
      this.#measuring = false;
    }
  }
}
