import { revisionOf } from '../../domain/cursor.ts';
import type { ManifestCopy } from './manifest-copy.ts';

/** A position in the history that moves on before the history forgets it. */
export class Bookmark {
  readonly #copy: ManifestCopy;
  #revision = 0;
  /** Bytes that the history had written by then. */
  #written = 0;

  constructor(copy: ManifestCopy) {
    this.#copy = copy;
  }

  /** A quarter of the history has passed since. */
  get due(): boolean {
    const { history, head } = this.#copy;
    const { commits, bytes } = history.policy;
    return (
      revisionOf(head) - this.#revision >= Math.max(1, commits / 4) ||
      history.written - this.#written >= bytes / 4
    );
  }

  /** Moves the bookmark to the head; returns the revision where it was. */
  move(): number {
    const before = this.#revision;
    this.#revision = revisionOf(this.#copy.head);
    this.#written = this.#copy.history.written;
    return before;
  }
}
