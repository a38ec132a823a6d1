import { setMaxListeners } from 'node:events';
import type { Clock } from '../domain/clock.ts';

/**
 * A signal that aborts after `ms`, or with one of `parents`. An answer that arrived while our own process stood still
 * waits behind the timer, so the timer lets it through first: our stall is not the other side's silence.
 *
 * It replaces `AbortSignal.any` over `AbortSignal.timeout`, which Node 20 may collect as garbage before it aborts.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #parents: readonly AbortSignal[];
  readonly #abort = () => this.#controller.abort();
  readonly #cancel: () => void;
  #cleared = false;

  constructor(clock: Clock, ms: number, ...parents: AbortSignal[]) {
    // Many may wait for one deadline, which Node 20 reports as a leak.
    setMaxListeners(0, this.signal);
    this.#parents = parents;
    this.#cancel = clock.after(ms, () => clock.soon(() => this.#cleared || this.#abort()));
    if (parents.some((parent) => parent.aborted)) this.#abort();
    for (const parent of parents) parent.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal no longer aborts, and leaves no timer or listener behind. */
  clear(): void {
    this.#cleared = true;
    this.#cancel();
    for (const parent of this.#parents) parent.removeEventListener('abort', this.#abort);
  }
}
