import type { LongWork } from '../../concurrency/long-work.ts';
import { Semaphore } from '../../concurrency/semaphore.ts';
import { BrickSearch, type BrickHit } from '../../domain/brick-search.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { HistoryTrimmed } from '../../domain/rewind.ts';
import type { Cell } from '../../domain/tile.ts';
import type { View } from '../../domain/view.ts';

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

/** Searches that wait for the one that runs. */
const MOST_WAITING = 64;

/** Searches the bricks of the present map: one search at a time, in slices, however many tiles there are. */
export class BrickFinder {
  readonly #work: LongWork;
  readonly #now: () => ManifestAt;
  readonly #turn = new Semaphore(1);

  /** `now`: the present manifest. */
  constructor(options: { work: LongWork; now: () => ManifestAt }) {
    this.#work = options.work;
    this.#now = options.now;
  }

  /** All of the answer is of one cursor. Throws `overloaded` when too many wait, and the signal's reason when it aborts. */
  find(query: BrickQuery, signal: AbortSignal): Promise<FoundBricks> {
    if (this.#turn.waiting >= MOST_WAITING)
      throw new DomainError('overloaded', 'too many searches wait already', { retryAfter: 1 });
    return this.#turn.run(() => this.#find(query, signal), signal);
  }

  async #find(query: BrickQuery, signal: AbortSignal): Promise<FoundBricks> {
    const search = new BrickSearch(query);
    const manifest = this.#now();
    try {
      await this.#work.run(look(search, manifest, query.view, signal));
    } catch (error) {
      if (!(error instanceof HistoryTrimmed)) throw error;
      const detail = 'the map changed faster than it could be searched';
      throw new DomainError('overloaded', detail, { retryAfter: 1 });
    }
    return { cursor: manifest.cursor, hits: search.hits(), total: search.total };
  }
}

/** Shows the search one group of tiles after the other. Between two, commits may come. */
function* look(
  search: BrickSearch,
  manifest: ManifestAt,
  view: View,
  signal: AbortSignal,
): Generator<void, void, undefined> {
  yield* manifest.catchUp();
  for (const group of manifest.tileGroups(view)) {
    for (const block of group.blocks) search.look(block.entries());
    search.look(group.tiles);
    yield;
    signal.throwIfAborted();
    yield* manifest.catchUp();
  }
}
