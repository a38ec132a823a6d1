import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';

/** Milliseconds after the start when the report is logged, even if some compositors are not probed yet. */
const TIMEOUT = 15_000;

/** Logs once after the start how many of the known compositors are connected, and each one that failed. */
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
    this.#stopTimer = this.#clock.after(TIMEOUT, () => this.#report());
  }

  /** The first probe of `id` has finished; `error` when it failed. */
  probed(id: string, error: string | undefined): void {
    if (!this.#waiting.delete(id)) return;
    if (error === undefined) this.#connected += 1;
    else {
      this.#failed += 1;
      this.#log.warn({ compositor: id, why: error }, 'cannot connect to a compositor; the daemon will retry');
    }
    if (this.#waiting.size === 0) this.#report();
  }

  stop(): void {
    this.#stopTimer();
    this.#waiting.clear();
  }

  #report(): void {
    const counts = { connected: this.#connected, failed: this.#failed, elsewhere: this.#waiting.size };
    this.stop();
    this.#log.info(counts, 'compositors at the start');
  }
}
