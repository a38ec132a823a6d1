import type { LongWork } from '../../concurrency/long-work.ts';
import type { Areas } from '../../domain/area-tree.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import { DomainError } from '../../domain/errors.ts';
import { LiveAreas } from '../../domain/live-areas.ts';
import type { Logger } from '../../domain/logger.ts';
import type { ManifestCopy } from './manifest-copy.ts';

/** Milliseconds for which the areas are kept when nobody uses them any more: most readers come back soon. */
const KEPT = 60_000;

/**
 * The areas of the present manifest. They take memory, and some time of each commit, so they are read when somebody wants them first,
 * and kept while somebody uses them. Whatever goes wrong with them, the commit that was applied goes on to those who hear of it later.
 */
export class Overview {
  readonly #copy: ManifestCopy;
  readonly #work: LongWork;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #kept: number;
  readonly #users = new Set<{ readonly lost: () => void }>();
  #live: LiveAreas | undefined;
  #reading: Promise<void> | undefined;
  #cancelDrop: () => void = () => undefined;

  /** `kept`: milliseconds, a minute by default. */
  constructor(options: {
    copy: ManifestCopy;
    work: LongWork;
    clock: Clock;
    log: Logger;
    kept?: number | undefined;
  }) {
    this.#copy = options.copy;
    this.#work = options.work;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#kept = options.kept ?? KEPT;
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

  /**
   * Keeps the areas from now on, as soon as they are ready. Calls `lost` when they were lost, or could not be read: whoever follows them
   * has to start over. Returns how to end that.
   */
  use(lost: () => void = () => undefined): () => void {
    const user = { lost };
    this.#users.add(user);
    this.#cancelDrop();
    return () => {
      if (!this.#users.delete(user) || this.#users.size > 0) return;
      this.#cancelDrop = this.#clock.after(this.#kept, () => this.#drop());
    };
  }

  /** Resolves when there are {@link areas}, for one who {@link use}s them. Throws `overloaded` when they cannot be read. */
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
      // Those of another manifest are wanted by now.
      if (this.#live !== live) return;
      this.#lose(live, error, 'cannot read the areas of the map');
      throw new DomainError('overloaded', 'the areas of the map cannot be read', {
        retryAfter: 1,
        cause: error,
      });
    }
  }

  #committed(commit: Commit): void {
    const live = this.#live;
    if (!live) return;
    try {
      live.commit(commit);
    } catch (error) {
      this.#lose(live, error, 'cannot keep the areas of the map');
      return;
    }
    if (commit.withdraws === undefined) return;
    this.#work
      .run(live.sweep())
      .catch((error: unknown) => this.#lose(live, error, 'cannot remove withdrawn tiles from the areas'));
  }

  /** Something is wrong with the areas: whoever wants some next has them read anew. */
  #lose(live: LiveAreas, error: unknown, message: string): void {
    this.#log.error({ err: error }, message);
    if (this.#live !== live) return;
    this.#drop();
    for (const { lost } of [...this.#users]) lost();
  }

  /** Nobody wants them any more, or they are those of another manifest. */
  #drop(): void {
    this.#live?.abandon();
    this.#live = undefined;
    this.#reading = undefined;
  }
}
