import type { LongWork, SliceIsOver } from '../../concurrency/long-work.ts';

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
