import { unwatchFile, watchFile } from 'node:fs';
import type { Clock } from '../domain/clock.ts';

/** Milliseconds between two checks of a file. */
const INTERVAL = 500;
/** Milliseconds without a further change before `onChange` is called: somebody may still be writing. */
const QUIET = 750;

/**
 * Calls `onChange` when one of its files was changed, created or removed. It polls with stat: only that notices an editor
 * that renames, the symbolic links of a Kubernetes volume and a network file system, and never misses a change for good.
 */
export class FileWatch {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #paths = new Set<string>();
  #stopWaiting: () => void = () => undefined;

  constructor(options: { clock: Clock; onChange: () => void }) {
    this.#clock = options.clock;
    this.#onChange = options.onChange;
  }

  /** Watches exactly these files from now on. */
  watch(paths: Iterable<string>): void {
    const wanted = new Set(paths);
    for (const path of this.#paths) if (!wanted.has(path)) this.#drop(path);
    for (const path of wanted) {
      if (this.#paths.has(path)) continue;
      this.#paths.add(path);
      watchFile(path, { persistent: false, interval: INTERVAL }, this.#touched);
    }
  }

  stop(): void {
    for (const path of this.#paths) this.#drop(path);
    this.#stopWaiting();
  }

  #drop(path: string): void {
    this.#paths.delete(path);
    // Only our own listener: another daemon of this process may watch the same file.
    unwatchFile(path, this.#touched);
  }

  readonly #touched = (): void => {
    this.#stopWaiting();
    this.#stopWaiting = this.#clock.after(QUIET, this.#onChange);
  };
}
