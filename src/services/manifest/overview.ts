import type { LongWork } from '../../concurrency/long-work.ts';
import type { Areas } from '../../domain/area-tree.ts';
import type { Commit } from '../../domain/commit.ts';
import { LiveAreas } from '../../domain/live-areas.ts';
import type { Logger } from '../../domain/logger.ts';
import type { ManifestCopy } from './manifest-copy.ts';

/** The areas of the present manifest. They take memory, so they are read when somebody wants them first, and kept from then on. */
export class Overview {
  readonly #copy: ManifestCopy;
  readonly #work: LongWork;
  readonly #log: Logger;
  #live: LiveAreas | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: { copy: ManifestCopy; work: LongWork; log: Logger }) {
    this.#copy = options.copy;
    this.#work = options.work;
    this.#log = options.log;
    const dropAll = () => this.#drop();
    this.#copy.subscribe({
      committed: (commit) => this.#committed(commit),
      loaded: dropAll,
      reloaded: dropAll,
    });
  }

  /** Those at the present cursor; undefined before they are {@link ready}. */
  get areas(): Areas | undefined {
    return this.#live?.areas;
  }

  /** Resolves when there are {@link areas}. */
  async ready(): Promise<Areas> {
    for (;;) {
      const { areas } = this;
      if (areas) return areas;
      this.#reading ??= this.#read();
      await this.#reading;
    }
  }

  async #read(): Promise<void> {
    const live = (this.#live = new LiveAreas(this.#copy.manifest));
    try {
      await this.#work.run(live.read());
    } catch (error) {
      this.#log.error({ err: error }, 'cannot read the areas of the map');
      // Whoever wants them next tries again.
      if (this.#live === live) this.#drop();
      throw error;
    }
  }

  #committed(commit: Commit): void {
    this.#live?.commit(commit);
    if (!this.#live || commit.withdraws === undefined) return;
    this.#work.run(this.#live.sweep()).catch((error: unknown) => {
      this.#log.error({ err: error }, 'cannot remove withdrawn tiles from the areas');
    });
  }

  /** The manifest was replaced by another one. */
  #drop(): void {
    this.#live?.abandon();
    this.#live = undefined;
    this.#reading = undefined;
  }
}
