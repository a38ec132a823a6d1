import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { View } from '../../domain/view.ts';
import { ViewIndex } from '../../domain/view-index.ts';
import type { Replica } from './replica.ts';

interface Poll {
  readonly view: View;
  readonly done: () => void;
}

/** Requests that wait for the next change of what they see. */
export class LongPolls {
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #index = new ViewIndex<Poll>();
  readonly #waiting = new Set<Poll>();
  #stopped = false;
  #unsubscribe: () => void = () => undefined;

  constructor(options: { replica: Replica; clock: Clock }) {
    this.#replica = options.replica;
    this.#clock = options.clock;
  }

  start(): void {
    this.#unsubscribe = this.#replica.subscribe({
      committed: (commit) => this.#committed(commit),
      reloaded: () => this.#endAll(),
    });
  }

  /** Ends every wait, and each to come: no commit will wake them any more, and the daemon's end waits for their replies. */
  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#endAll();
  }

  /** Resolves when a commit touches the view, after `ms`, when `signal` aborts, on another history, and at the end. */
  untilChanged(view: View, ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#stopped || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        stopTimer();
        signal?.removeEventListener('abort', done);
        this.#index.delete(poll);
        this.#waiting.delete(poll);
        resolve();
      };
      const poll: Poll = { view, done };
      const stopTimer = this.#clock.after(ms, done);
      signal?.addEventListener('abort', done);
      this.#index.add(poll);
      this.#waiting.add(poll);
    });
  }

  #committed(commit: Commit): void {
    for (const poll of this.#index.touchedBy(commit)) poll.done();
  }

  #endAll(): void {
    for (const poll of [...this.#waiting]) poll.done();
  }
}
