import type { Commit } from '../page/api.ts';
import { revisionOf } from './moment.ts';

/** The most commits that are kept here: some megabytes. */
const MOST = 50_000;

/** The part of the API that it reads from; newest first. */
export interface CommitSource {
  /** The commits since `known`; without it, or when that is not found, the newest few thousand. */
  history(known: string | undefined): Promise<Commit[]>;
  /** The next older ones; empty when there are none. */
  historyBefore(cursor: string): Promise<Commit[]>;
}

/** The commits of the history that the page knows: an unbroken run up to the newest. */
export class CommitList {
  readonly #source: CommitSource;
  /** Oldest first. */
  #commits: readonly Commit[] = [];
  #reading: Promise<number> | undefined;
  /** There are none before the first one here. */
  #isWhole = false;

  constructor(source: CommitSource) {
    this.#source = source;
  }

  get length(): number {
    return this.#commits.length;
  }

  get all(): readonly Commit[] {
    return this.#commits;
  }

  at(index: number): Commit | undefined {
    return this.#commits[index];
  }

  /** -1: it is not among them. */
  indexOf(cursor: string | undefined): number {
    const first = this.#commits[0];
    if (cursor === undefined || !first) return -1;
    // Revisions have no gaps.
    const index = revisionOf(cursor) - first.revision;
    return this.#commits[index]?.cursor === cursor ? index : -1;
  }

  /** The last commit that was made by then; -1: all were made later. */
  indexAt(time: number): number {
    let [low, high] = [0, this.#commits.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Date.parse(this.#commits[middle]!.committedAt) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Reads the commits that came since. Returns whether there were any. */
  async refresh(): Promise<boolean> {
    return (await this.#read(() => this.#readNewer())) > 0;
  }

  /** Reads older commits. Returns how many there were. */
  async loadOlder(): Promise<number> {
    // What is under way may be the newer ones.
    await this.#reading;
    return this.#read(() => this.#readOlder());
  }

  /** One read at a time: who comes while one is under way waits for that. An error finds nothing, and is tried again. */
  async #read(read: () => Promise<number>): Promise<number> {
    this.#reading ??= read()
      .catch(() => 0)
      .finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readNewer(): Promise<number> {
    const known = this.#commits.at(-1)?.cursor;
    const newestFirst = await this.#source.history(known);
    const found = newestFirst.findIndex(({ cursor }) => cursor === known);
    if (found < 0) {
      // What was known was trimmed meanwhile, or the daemon has another history.
      this.#commits = newestFirst.reverse();
      this.#isWhole = false;
      return this.#commits.length;
    }
    const commits = [...this.#commits, ...newestFirst.slice(0, found).reverse()];
    // Many at a time: the slider must not jump with every commit.
    const surplus = commits.length > MOST ? commits.length - MOST + MOST / 10 : 0;
    this.#commits = commits.slice(surplus);
    if (surplus > 0) this.#isWhole = false;
    return found;
  }

  async #readOlder(): Promise<number> {
    const first = this.#commits[0];
    if (!first || this.#isWhole || this.#commits.length >= MOST) return 0;
    const newestFirst = await this.#source.historyBefore(first.cursor);
    if (newestFirst.length === 0) this.#isWhole = true;
    this.#commits = [...newestFirst.reverse(), ...this.#commits];
    return newestFirst.length;
  }

  /** Forgets what the daemon has trimmed: `oldest` is the first cursor that can still be shown. */
  trim(oldest: string): void {
    const index = this.#commits.findIndex(({ revision }) => revision >= revisionOf(oldest));
    this.#commits = index < 0 ? [] : this.#commits.slice(index);
    this.#isWhole = true;
  }
}
