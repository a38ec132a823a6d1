import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { View } from '../../domain/view.ts';
import { ViewIndex } from '../../domain/view-index.ts';
import type { ManifestCopy } from './manifest-copy.ts';

interface Poll {
  readonly view: View;
  readonly done: () => void;
}

/** Requests that wait for the next change of what they see. */
export class LongPolls {
  readonly #copy: ManifestCopy;
  readonly #clock: Clock;
  readonly #index = new ViewIndex<Poll>();
  readonly #waiting = new Set<Poll>();
  #stopped = false;
  #unsubscribe: () => void = () => undefined;

  constructor(options: { copy: ManifestCopy; clock: Clock }) {
    this.#copy = options.copy;
    this.#clock = options.clock;
  }

  start(): void {
    this.#unsubscribe = this.#copy.subscribe({
      committed: (commit) => this.#committed(commit),
      reloaded: () => this.#endAll(),
    });
  }

  /** Ends every wait, and each to come: the daemon waits for their replies before it ends, and no commit will wake them. */
  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#endAll();
  }

  /** Resolves when a commit changes something in the view, after `ms`, when `signal` aborts, on a reload, and at the end. */
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
