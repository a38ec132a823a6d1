import type { Commit } from './commit.ts';
import { isLater, sameFileTile, type FileTile } from './file-tile.ts';
import { STEP } from './steps.ts';
import type { Tile } from './tile.ts';

/** What else is known to whoever has a value, because of when it came: `all` tiles of that time, a part of them, or nothing that one could count on. */
export type Knowledge = 'all' | 'none' | KnownPart;

/** All tiles that were there after so many commits, but for those of `lacked`. What came later, before the value itself, is not known either. */
export interface KnownPart {
  readonly until: number;
  readonly lacked: ReadonlySet<string>;
}

/** How the present value of a cell came. */
export interface Birth {
  /** When, counted in commits from 1 on. */
  readonly since: number;
  readonly knowledge: Knowledge;
}

/** Cells of which births, and former values, are remembered. */
const MOST_BIRTHS = 500_000;
const MOST_FORMER = 100_000;
/** Former values of one cell. */
const MOST_VALUES = 8;

/**
 * What the map was before, as far as it tells news from old copies: when each tile came, and the values that a timestamp alone does not
 * tell to be old. It follows the commits, and forgets what is too much; what is forgotten can make a removal doubtful, never lose a tile.
 */
export class FileMemory {
  readonly #births = new Map<string, Birth>();
  /** The values of a cell that are gone although they are not older than what is there now. */
  readonly #former = new Map<string, FileTile[]>();
  #count = 0;
  /** A value that is not later may have been there before this memory began. */
  #horizon: number;

  /** `since`: Unix seconds; nothing is known of what was before. */
  constructor(since: number) {
    this.#horizon = since;
  }

  /** Commits that were taken. */
  get count(): number {
    return this.#count;
  }

  /** Whether tiles were removed since the memory began. */
  get hasRemovals(): boolean {
    return this.#former.size > 0;
  }

  birth(key: string): Birth | undefined {
    return this.#births.get(key);
  }

  /** Since when the cell has its present value; 0: since before the memory began. */
  since(key: string): number {
    return this.#births.get(key)?.since ?? 0;
  }

  /** Whether a value of the file is one that nobody has seen yet, and not older than what everybody has seen. */
  isNew(key: string, tile: FileTile, present: Tile | undefined, owner: string): boolean {
    const former = this.#former.get(key) ?? [];
    const newest = newestOf(present, former);
    if (isLater(tile.timestamp, newest)) return true;
    if (isLater(newest, tile.timestamp)) return false;
    // Two writes in one second of a program that counts seconds.
    if (present && (present.compositor !== owner || sameFileTile(present, tile))) return false;
    return !former.some((each) => sameFileTile(each, tile));
  }

  /** Takes the next commit, in steps. `knowledge`: of the values that it sets. */
  *take(
    { patch, undo }: Pick<Commit, 'patch' | 'undo'>,
    knowledge: Knowledge,
  ): Generator<void, void, undefined> {
    this.#count += 1;
    let steps = 0;
    for (const [key, tile] of patch.tiles) {
      const before = undo.tiles.get(key) ?? undefined;
      if (tile) this.#set(key, tile, before, knowledge);
      else this.#remove(key, before);
      if (++steps % STEP === 0) yield;
    }
    this.#forget();
  }

  #set(key: string, tile: Tile, before: Tile | undefined, knowledge: Knowledge): void {
    const former = this.#former.get(key) ?? [];
    const newest = newestOf(before, former);
    // A value that came back may have been in copies all the time.
    const isFresh = isLater(tile.timestamp, Math.max(newest, this.#horizon));
    this.#births.set(key, {
      since: this.#count,
      knowledge: isFresh ? knowledge : 'none',
    });
    if (isLater(tile.timestamp, newest)) this.#former.delete(key);
    else this.#keep(key, before, former, tile);
  }

  #remove(key: string, before: Tile | undefined): void {
    this.#births.delete(key);
    this.#keep(key, before, this.#former.get(key) ?? [], undefined);
  }

  #keep(key: string, before: Tile | undefined, former: readonly FileTile[], now: Tile | undefined): void {
    const values = before ? [...former, { brick: before.brick, timestamp: before.timestamp }] : former;
    const newest = newestOf(now, values);
    const kept = values.filter((value) => !isLater(newest, value.timestamp) && !sameFileTile(value, now));
    this.#former.delete(key);
    // The last to change is the last to be forgotten.
    if (kept.length > 0) this.#former.set(key, kept.slice(-MOST_VALUES));
  }

  #forget(): void {
    if (this.#births.size > MOST_BIRTHS) this.#births.clear();
    for (const [key, values] of this.#former) {
      if (this.#former.size <= MOST_FORMER) break;
      this.#former.delete(key);
      for (const { timestamp } of values) this.#horizon = Math.max(this.#horizon, timestamp);
    }
  }
}

function newestOf(present: FileTile | undefined, former: readonly FileTile[]): number {
  return former.reduce(
    (newest, { timestamp }) => Math.max(newest, timestamp),
    present?.timestamp ?? -Infinity,
  );
}
