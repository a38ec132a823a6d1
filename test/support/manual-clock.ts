import type { Clock } from '../../src/domain/clock.ts';

/** A clock that moves only when it is told to, and then does everything that is due, in order. */
export class ManualClock implements Clock {
  #at = 1_000_000;
  #count = 0;
  #due: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#at;
  }

  monotonic(): number {
    return this.#at;
  }

  soon(run: () => void): void {
    this.after(0, run);
  }

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#at + Math.max(ms, 0), order: this.#count++, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((each) => each !== entry);
    };
  }

  /** Lets `ms` go by; what answers at once in the meantime is waited for. */
  async advance(ms: number): Promise<void> {
    const end = this.#at + ms;
    for (;;) {
      await settled();
      const next = this.#due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next || next.at > end) break;
      this.#due.shift();
      this.#at = Math.max(this.#at, next.at);
      next.run();
    }
    this.#at = end;
  }
}

/** Promises that need nothing but their turn have had it. */
async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
