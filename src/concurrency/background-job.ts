import type { Clock } from '../domain/clock.ts';

/** Milliseconds before a run that failed is tried again. */
const RETRY_INTERVAL = 1000;

/**
 * A job that runs in the background: one run at a time, and again some time after one that failed. Nobody hears of a
 * failure, so what it works on must tell others itself.
 */
export class BackgroundJob {
  readonly #clock: Clock;
  readonly #run: () => Promise<void>;
  #wanted = false;
  #running = false;
  #closed = false;
  #endPause: () => void = () => undefined;

  constructor(clock: Clock, run: () => Promise<void>) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Wants a run that begins from now on: at once, or after the one under way. */
  begin(): void {
    if (this.#closed) return;
    this.#wanted = true;
    if (!this.#running) void this.#work();
  }

  /** No run begins any more; one under way is not waited for. */
  close(): void {
    this.#closed = true;
    this.#endPause();
  }

  async #work(): Promise<void> {
    this.#running = true;
    while (this.#wanted && !this.#closed) {
      this.#wanted = false;
      try {
        await this.#run();
      } catch {
        this.#wanted = true;
        await this.#pause();
      }
    }
    this.#running = false;
  }

  async #pause(): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(RETRY_INTERVAL, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
