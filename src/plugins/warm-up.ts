import type { Clock } from '../domain/clock.ts';

/** Milliseconds from one thing to the next: who comes meanwhile finds most of the processor free. */
const PAUSE = 20;

/**
 * Things that are made when they are first used, or before that while the daemon has time: one in a turn of the event loop.
 * To make all of them at once would be a third of the start, and to leave each to its first request, its longest turn.
 */
export class WarmUp {
  readonly #things: (() => unknown)[] = [];

  /** The returned function makes the thing at its first call, and gives the same ever after. */
  onFirstUse<T extends object>(make: () => T): () => T {
    let made: T | undefined;
    const get = () => (made ??= make());
    this.#things.push(get);
    return get;
  }

  /** Makes everything that nobody has used yet. Returns what stops that. */
  start(clock: Clock): () => void {
    let stop: () => void = () => undefined;
    const next = () => {
      const get = this.#things.shift();
      if (!get) return;
      try {
        get();
      } catch {
        // Whoever uses it is told why.
      }
      stop = clock.after(PAUSE, next);
    };
    stop = clock.after(PAUSE, next);
    return () => stop();
  }
}
