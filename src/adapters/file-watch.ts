import { unwatchFile, watchFile } from 'node:fs';
import type { Clock } from '../domain/clock.ts';

/** Milliseconds between two looks at a file, and of quiet before a change is told: it may still be being written. */
const LOOK = 500;

/**
 * Tells when one of its files was changed, came, or went. It looks again and again, by stat in another thread: only that sees
 * an editor that renames, the symbolic links of a Kubernetes volume, and a network file system, and it misses nothing for good.
 */
export class FileWatch {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #paths = new Set<string>();
  #stopWaiting: () => void = () => undefined;

  constructor(options: { clock: Clock; changed: () => void }) {
    this.#clock = options.clock;
    this.#changed = options.changed;
  }

  /** From now on exactly these. */
  watch(paths: Iterable<string>): void {
    const wanted = new Set(paths);
    for (const path of this.#paths) if (!wanted.has(path)) this.#drop(path);
    for (const path of wanted) {
      if (this.#paths.has(path)) continue;
      this.#paths.add(path);
      watchFile(path, { persistent: false, interval: LOOK }, this.#touched);
    }
  }

  stop(): void {
    for (const path of this.#paths) this.#drop(path);
    this.#stopWaiting();
  }

  #drop(path: string): void {
    this.#paths.delete(path);
    // Only our own look at it: another daemon of this process may watch the same file.
    unwatchFile(path, this.#touched);
  }

  readonly #touched = (): void => {
    this.#stopWaiting();
    this.#stopWaiting = this.#clock.after(LOOK * 1.5, this.#changed);
  };
}
