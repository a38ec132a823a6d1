import { Semaphore } from '../../concurrency/semaphore.ts';
import { DomainError } from '../../domain/errors.ts';

/** Reads that wait for the one that runs. */
const MOST_WAITING = 64;

/** Reads that may look at every tile of the map, such as searches: one at a time, however many ask for them. */
export class HeavyReads {
  readonly #semaphore = new Semaphore(1);

  /** Throws `overloaded` when too many wait, and the signal's reason when it aborts before its begin. */
  run<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#semaphore.waiting >= MOST_WAITING)
      throw new DomainError('overloaded', 'too many reads of the whole map wait already', { retryAfter: 1 });
    return this.#semaphore.run(read, signal);
  }
}
