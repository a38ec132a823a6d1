import type { Clock } from '../../src/domain/clock.ts';
import type { Store } from '../../src/domain/store.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Milliseconds since 1970 at which it starts: 2030-01-01. */
export const START = Date.UTC(2030, 0, 1);

/** A clock that moves only when a test says so, so that leases of minutes are tested to the millisecond, and on any machine. */
export class SteppedClock implements Clock {
  #elapsed = 0;
  #skew = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return START + this.#elapsed + this.#skew;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  soon(run: () => void): void {
    setImmediate(run);
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(ms, 0), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** The wall clock is set, as by an administrator or NTP: nothing has passed. */
  set(ms: number): void {
    this.#skew += ms;
  }

  /** As after SIGSTOP or a closed lid: time has passed, and whatever was due is late. */
  sleep(ms: number): void {
    this.#elapsed += ms;
  }

  /** Goes on by `ms`, timer by timer; what each begins at `store` is done before time goes on. */
  async advance(ms: number, store: Store): Promise<void> {
    const end = this.#elapsed + ms;
    for (;;) {
      await settle(store);
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#elapsed = Math.max(this.#elapsed, next.at);
      this.#timers.delete(next);
      next.run();
    }
    this.#elapsed = end;
  }
}

/** Resolves when what was begun is done: a write waits behind those before it, and a turn goes by for each reaction. */
async function settle(store: Store): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await store.renew([]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
