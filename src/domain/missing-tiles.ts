import type { Tile } from './tile.ts';

/** Doubtful tiles whose keys are kept. */
export const MOST_DOUBTFUL = 1000;

/** The tiles of the map that a file does not have: there may be a million, of which little has to be kept. */
export class MissingTiles {
  /** Those that the writer of the file certainly knew. */
  readonly certain = new Map<string, Tile>();
  readonly #doubtful = new Set<string>();
  readonly #latest: number;
  #doubts = 0;
  /** Since when the first of them is there, and how many are since then. */
  #first = Infinity;
  #sinceFirst = 0;
  #sinceLatest = 0;
  /** Those from before the memory began, and one of them. */
  #before = 0;
  #oneBefore = '';

  /** `latest`: since when the map has the latest of the values that the file has, too. */
  constructor(latest: number) {
    this.#latest = latest;
  }

  add(key: string, tile: Tile, since: number, isCertain: boolean): void {
    if (isCertain) this.certain.set(key, tile);
    else {
      this.#doubts += 1;
      if (this.#doubts <= MOST_DOUBTFUL) this.#doubtful.add(key);
    }
    if (since < this.#first) [this.#first, this.#sinceFirst] = [since, 0];
    if (since === this.#first) this.#sinceFirst += 1;
    if (since <= this.#latest) this.#sinceLatest += 1;
    if (since > 0) return;
    this.#before += 1;
    this.#oneBefore = key;
  }

  get count(): number {
    return this.certain.size + this.#doubts;
  }

  /** Those that are not certain; undefined when they are too many. */
  get doubtful(): ReadonlySet<string> | undefined {
    return this.#doubts <= MOST_DOUBTFUL ? this.#doubtful : undefined;
  }

  /** The only one from before the memory began. */
  get onlyBefore(): string | undefined {
    return this.#before === 1 ? this.#oneBefore : undefined;
  }

  /**
   * The fewest that must have been removed from some file that we have written to make this one: how many, and since when the latest of them is
   * there.
   */
  get fewest(): { readonly count: number; readonly until: number } {
    return this.#first <= this.#latest
      ? { count: this.#sinceLatest, until: this.#latest }
      : { count: this.#sinceFirst, until: this.#first };
  }
}
