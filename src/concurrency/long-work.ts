import type { Clock } from '../domain/clock.ts';

/** Milliseconds that long work may hold the event loop at a time. */
const SLICE = 5;

/** Says whether the slice of whoever got it is used up: then it has to ask for the next one. */
export type SliceIsOver = () => boolean;

/**
 * Divides what takes long into slices, of which one runs in each turn of the event loop, whoever it belongs to. Everything
 * else comes in between: a hundred who each took a slice a turn would hold the loop for half a second.
 */
export class LongWork {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #scheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the caller may work, until the returned function says that it has worked long enough. */
  async slice(): Promise<SliceIsOver> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
    const end = this.#clock.monotonic() + SLICE;
    return () => this.#clock.monotonic() >= end;
  }

  /** Takes all steps of `steps`, each of which must be short, and returns what comes of them. Throws the signal's reason when it aborts. */
  async run<T>(steps: Generator<void, T, undefined>, signal?: AbortSignal): Promise<T> {
    let isOver: SliceIsOver | undefined;
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (isOver && !isOver()) continue;
      isOver = await this.slice();
      signal?.throwIfAborted();
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
