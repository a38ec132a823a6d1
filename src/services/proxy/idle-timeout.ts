import { pipeline, Transform, type Readable } from 'node:stream';
import type { Clock } from '../../domain/clock.ts';

/** A signal that aborts when no data has moved for `ms`. */
export class IdleTimeout {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #controller = new AbortController();
  #movedAt: number;
  #cancel: () => void;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
    this.#movedAt = clock.monotonic();
    this.#cancel = this.#checkIn(ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restarts the time. Starts no timer, because it is called for every chunk. */
  restart(): void {
    this.#movedAt = this.#clock.monotonic();
  }

  /**
   * The same data as `source`; each chunk restarts the time. When one of the two streams ends early, so does the other.
   * (Of a request to a Node server only the body ends: its reply is sent all the same.)
   */
  watch(source: Readable): Readable {
    const watched = new Transform({
      transform: (chunk, _encoding, done) => {
        this.restart();
        done(null, chunk);
      },
    });
    // An error shows in the stream that is returned.
    return pipeline(source, watched, () => undefined);
  }

  clear(): void {
    this.#cancel();
  }

  #checkIn(ms: number): () => void {
    return this.#clock.after(ms, () => {
      const left = this.#movedAt + this.#ms - this.#clock.monotonic();
      if (left <= 0) this.#controller.abort();
      else this.#cancel = this.#checkIn(left);
    });
  }
}
