import type { LongWork } from '../../concurrency/long-work.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import { GENESIS, revisionOf, type Cursor } from '../../domain/cursor.ts';
import { FileMemory, type Knowledge } from '../../domain/file-memory.ts';
import { KnownVersions } from '../../domain/known-versions.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';

/** Commits from before the start that are looked at: what they changed, old copies may not know. */
const AT_START = 1000;

interface FileFollowerOptions {
  readonly copy: ManifestCopy;
  readonly clock: Clock;
  readonly work: LongWork;
  /** The compositor for which the file is read in. */
  readonly owner: string;
}

/** Follows the commits for what has to be known of them when the file changes. When the history breaks off, it begins anew. */
export class FileFollower {
  readonly #options: FileFollowerOptions;
  #memory: FileMemory;
  #known = new KnownVersions();
  #cursor: Cursor | undefined;
  /** What is known to those who have the values of commits that were read from the file. */
  readonly #readIn = new Map<Cursor, Knowledge>();

  constructor(options: FileFollowerOptions) {
    this.#options = options;
    this.#memory = new FileMemory(options.clock.now() / 1000);
  }

  get memory(): FileMemory {
    return this.#memory;
  }

  get known(): KnownVersions {
    return this.#known;
  }

  /** The commit of `cursor` came from the file. */
  readIn(cursor: Cursor, knowledge: Knowledge): void {
    this.#readIn.set(cursor, knowledge);
  }

  /** Takes in all commits until now; returns the map at the last of them. */
  async catchUp(): Promise<ManifestAt> {
    const { copy, work } = this.#options;
    if (this.#cursor === undefined || !copy.history.has(this.#cursor)) this.#begin();
    for (;;) {
      const commit = copy.history.atRevision(revisionOf(this.#cursor!) + 1);
      if (!commit) break;
      await work.run(this.#memory.take(commit, this.#knowledgeOf(commit)));
      this.#readIn.delete(commit.cursor);
      this.#cursor = commit.cursor;
    }
    this.#readIn.clear();
    return copy.present;
  }

  #begin(): void {
    const { copy, clock } = this.#options;
    const { history, head } = copy;
    const first = history.atRevision(revisionOf(head) - AT_START);
    this.#cursor = first?.cursor ?? history.base;
    const next = history.atRevision(revisionOf(this.#cursor) + 1);
    const since = (next?.committedAt ?? clock.now()) / 1000;
    // From the first commit on nothing came before.
    this.#memory = new FileMemory(this.#cursor === GENESIS ? -Infinity : since);
    this.#known = new KnownVersions();
    this.#readIn.clear();
  }

  #knowledgeOf({ cursor, by }: Commit): Knowledge {
    if (by !== this.#options.owner) return 'all';
    return this.#readIn.get(cursor) ?? 'none';
  }
}
