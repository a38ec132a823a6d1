import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';

/** Milliseconds after the start when it is said how it went, also if not all is known. */
const LATEST = 15_000;

/** Says once how the compositors that were there at the start are: how many, and each one that failed. */
export class StartReport {
  readonly #clock: Clock;
  readonly #log: Logger;
  #waiting = new Set<string>();
  #connected = 0;
  #failed = 0;
  #stopTimer: () => void = () => undefined;

  constructor(options: { clock: Clock; log: Logger }) {
    this.#clock = options.clock;
    this.#log = options.log;
  }

  expect(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#waiting = new Set(ids);
    this.#log.info({ compositors: ids.length }, 'connecting to compositors');
    this.#stopTimer = this.#clock.after(LATEST, () => this.#say());
  }

  /** The first look at `id` is over; `error` when it failed. */
  looked(id: string, error: string | undefined): void {
    if (!this.#waiting.delete(id)) return;
    if (error === undefined) this.#connected += 1;
    else {
      this.#failed += 1;
      this.#log.warn({ compositor: id, why: error }, 'cannot connect to a compositor; it is tried again');
    }
    if (this.#waiting.size === 0) this.#say();
  }

  stop(): void {
    this.#stopTimer();
    this.#waiting.clear();
  }

  #say(): void {
    const counts = { connected: this.#connected, failed: this.#failed, elsewhere: this.#waiting.size };
    this.stop();
    this.#log.info(counts, 'compositors at the start');
  }
}
