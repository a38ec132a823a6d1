import { setMaxListeners } from 'node:events';

/**
 * A signal that ends after `ms`, or with `parent`. Not `AbortSignal.any` with `AbortSignal.timeout`: Node 20 may collect
 * that as garbage, and then it never ends.
 */
export class TimeLimit {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #end = () => this.#controller.abort();

  constructor(ms: number, parent?: AbortSignal) {
    this.#parent = parent;
    // Everything that goes on at once waits for it; Node would call that a leak.
    setMaxListeners(0, this.signal);
    this.#timer = setTimeout(this.#end, ms);
    if (parent?.aborted) this.#end();
    else parent?.addEventListener('abort', this.#end, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** It ends no more; nothing of it is left behind. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#parent?.removeEventListener('abort', this.#end);
  }
}
