import type { LongWork } from '../../concurrency/long-work.ts';
import { BrickSearch, type BrickHit } from '../../domain/brick-search.ts';
import type { Cursor } from '../../domain/cursor.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import type { Cell } from '../../domain/tile.ts';
import type { View } from '../../domain/view.ts';
import type { HeavyReads } from './heavy-reads.ts';
import { readInSlices } from './sliced-read.ts';

export interface BrickQuery {
  /** A part of the brick's name, in whatever case. */
  readonly text: string;
  readonly near: Cell;
  readonly view: View;
  readonly limit: number;
}

export interface FoundBricks {
  readonly cursor: Cursor;
  readonly hits: readonly BrickHit[];
  /** How many tiles match; those beyond the limit are not among the hits. */
  readonly total: number;
}

/** Searches the bricks of the map at one cursor, in slices, however many tiles there are. */
export class BrickFinder {
  readonly #work: LongWork;
  readonly #reads: HeavyReads;

  constructor(options: { work: LongWork; reads: HeavyReads }) {
    this.#work = options.work;
    this.#reads = options.reads;
  }

  /** `manifest` says which one to search, once it is the turn of this search. Throws what {@link HeavyReads.run} and it throw. */
  find(
    query: BrickQuery,
    manifest: () => ManifestAt | Promise<ManifestAt>,
    signal: AbortSignal,
  ): Promise<FoundBricks> {
    return this.#reads.run(async () => this.#find(query, await manifest(), signal), signal);
  }

  async #find(query: BrickQuery, manifest: ManifestAt, signal: AbortSignal): Promise<FoundBricks> {
    const search = new BrickSearch(query);
    await readInSlices(this.#work, look(search, manifest, query.view), signal);
    return { cursor: manifest.cursor, hits: search.hits(), total: search.total };
  }
}

/** Shows the search one group of tiles after the other. Between two, commits may come. */
function* look(search: BrickSearch, manifest: ManifestAt, view: View): Generator<void, void, undefined> {
  yield* manifest.catchUp();
  for (const group of manifest.tileGroups(view)) {
    for (const block of group.blocks) search.look(block.entries());
    search.look(group.tiles);
    yield;
    yield* manifest.catchUp();
  }
}
