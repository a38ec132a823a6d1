import { CellIndex } from './cell-index.ts';
import type { Compositor } from './compositor.ts';
import { revisionOf, type Cursor } from './cursor.ts';
import type { Commit } from './commit.ts';
import { emptyPatch, partsOf, patchSize, type MutablePatch, type Patch } from './patch.ts';
import { STEP } from './steps.ts';
import type { Region } from './region.ts';
import type { Tile } from './tile.ts';

/** As much of a History as is needed here. */
interface Commits {
  readonly head: Cursor;
  has(cursor: Cursor): boolean;
  between(cursor: Cursor): Iterable<Commit>;
}

/**
 * What has to be undone in the live manifest to see it as it was at one cursor, however many commits come meanwhile. Nobody
 * has to tell it of them: it reads the history from where it stopped, so that one that waits costs nothing.
 */
export class Rewind {
  /** Every entry that changed since, as it was; null for those that did not exist. */
  readonly undo: MutablePatch = emptyPatch();
  /** The keys of the tiles in it. */
  readonly changed = new CellIndex();
  readonly #history: Commits;
  /** Everything up to here is in {@link undo}. */
  #upTo: Cursor;

  constructor(history: Commits, cursor: Cursor) {
    this.#history = history;
    this.#upTo = cursor;
  }

  /** Whether {@link undo} leads from the present head. */
  get isCurrent(): boolean {
    return this.#upTo === this.#history.head;
  }

  /**
   * Takes up what was committed since the last call, in steps between which others may run. At its end it is current, or
   * throws `HistoryTrimmed`.
   */
  *catchUp(): Generator<void, void, undefined> {
    let entries = 0;
    while (!this.isCurrent) {
      const [commit] = this.#history.between(this.#upTo);
      if (!commit || !this.#history.has(this.#upTo)) throw new HistoryTrimmed();
      // The same part may be taken twice, when whoever called stopped in between or others do the same: the oldest value stays.
      for (const part of partsOf(commit.undo, STEP)) {
        this.#take(part);
        entries += 1 + patchSize(part);
        if (entries < STEP) continue;
        entries = 0;
        yield;
      }
      if (revisionOf(commit.cursor) > revisionOf(this.#upTo)) this.#upTo = commit.cursor;
    }
  }

  #take(undo: Patch): void {
    const { compositors, tiles, regions } = this.undo;
    for (const [id, entry] of undo.compositors) setIfNew<Compositor>(compositors, id, entry);
    for (const [id, region] of undo.regions) setIfNew<Region>(regions, id, region);
    for (const [key, tile] of undo.tiles) if (setIfNew<Tile>(tiles, key, tile)) this.changed.add(key);
  }
}

/** The commits since then are not held any more. */
export class HistoryTrimmed extends Error {
  override readonly name = 'HistoryTrimmed';
}

function setIfNew<T>(entries: Map<string, T | null>, key: string, value: T | null): boolean {
  if (entries.has(key)) return false;
  entries.set(key, value);
  return true;
}
