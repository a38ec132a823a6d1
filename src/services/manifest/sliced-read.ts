import type { LongWork, SliceIsOver } from '../../concurrency/long-work.ts';
import { DomainError } from '../../domain/errors.ts';
import { HistoryTrimmed } from '../../domain/rewind.ts';

/**
 * Takes the steps of a read of the manifest at one cursor. Throws `overloaded` when the commits since then are forgotten before its end,
 * and the signal's reason when it aborts.
 */
export async function readInSlices<T>(
  work: LongWork,
  steps: Generator<void, T, undefined>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await work.run(steps, signal);
  } catch (error) {
    throw error instanceof HistoryTrimmed ? trimmed() : error;
  }
}

/** The error of a read that took longer than the history since its beginning is kept. */
export function trimmed(): DomainError {
  return new DomainError('overloaded', 'the map changed faster than it could be read', { retryAfter: 1 });
}

/** One read that takes several turns of the event loop, while commits go on. */
export class SlicedRead {
  readonly #work: LongWork;
  readonly #catchUp: () => Iterator<unknown>;
  #isOver: SliceIsOver = () => true;

  /** `catchUp`: the steps to take after others may have run, before anything is read. */
  constructor(work: LongWork, catchUp: () => Iterator<unknown>) {
    this.#work = work;
    this.#catchUp = catchUp;
  }

  /** Waits for a slice if there is none, and takes up what happened meanwhile: until then nothing may be read. */
  async prepare(): Promise<void> {
    if (this.#isOver()) this.#isOver = await this.#work.slice();
    const steps = this.#catchUp();
    while (steps.next().done !== true) if (this.#isOver()) this.#isOver = await this.#work.slice();
  }

  /** Something was given out, whose taker may be slow: when it comes back, its slice is over. */
  endSlice(): void {
    this.#isOver = () => true;
  }
}
