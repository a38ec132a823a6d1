import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import { compare, type Comparison, type ComparisonOptions } from '../../domain/comparison.ts';
import { newestCommits, type CommitFilter } from '../../domain/commit-search.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { DomainError } from '../../domain/errors.ts';
import { ManifestAt } from '../../domain/manifest-at.ts';
import type { LongWork } from '../../concurrency/long-work.ts';
import { HistoryTrimmed } from '../../domain/rewind.ts';
import { isEmptyPatch, type Patch } from '../../domain/patch.ts';
import { WHOLE, type View } from '../../domain/view.ts';
import type { LongPolls } from './long-polls.ts';
import type { ManifestCopy } from './manifest-copy.ts';
import type { Replica } from './replica.ts';

/** What a reader at `since` has missed: apply `patch` to be at `cursor`. */
export interface Changes {
  since: Cursor;
  cursor: Cursor;
  patch: Patch;
  /** When the commit of `cursor` was made, milliseconds since 1970. */
  committedAt: number;
}

export interface ChangesQuery {
  readonly since: Cursor;
  readonly to?: Cursor | undefined;
  readonly view: View;
  /** Nobody needs the answer any more. */
  readonly signal: AbortSignal;
}

export interface HistoryQuery extends CommitFilter {
  readonly limit: number;
  /** Commits older than this one. */
  readonly before?: Cursor | undefined;
  /** Nobody needs the answer any more. */
  readonly signal?: AbortSignal;
}

export interface HistoryPage {
  readonly items: readonly Commit[];
  /** `before` of the next page; undefined on the last. */
  readonly next: Cursor | undefined;
}

/** Milliseconds that a read waits for a cursor which is not here yet. */
const AT_LEAST_WAIT = 2000;

interface ManifestQueriesOptions {
  readonly replica: Replica;
  readonly polls: LongPolls;
  readonly clock: Clock;
  readonly work: LongWork;
}

/** Every question about the manifest that has one answer (the stream is the feed's). */
export class ManifestQueries {
  readonly #options: ManifestQueriesOptions;

  constructor(options: ManifestQueriesOptions) {
    this.#options = options;
  }

  /** Whether what is read now is the last known good, because the store is away. */
  get degraded(): boolean {
    return this.#options.replica.degraded;
  }

  /** The manifest as it is. Throws `store-unavailable` before the first load. */
  now(): ManifestAt {
    if (!this.#copy.loaded)
      throw new DomainError('store-unavailable', 'the manifest is not loaded yet', { retryAfter: 1 });
    return this.#copy.present;
  }

  /** The manifest as it was at `cursor`. Throws `cursor-gone`. */
  async at(cursor: Cursor): Promise<ManifestAt> {
    await this.#requireCursor(cursor);
    const { manifest, history } = this.#copy;
    const past = new ManifestAt(manifest, history, cursor);
    try {
      await this.#options.work.run(past.catchUp());
    } catch (error) {
      throw error instanceof HistoryTrimmed ? this.#cursorGone(cursor) : error;
    }
    return past;
  }

  /** The manifest, never older than `cursor`. Throws `not-yet` after 2 s, `cursor-gone` for a cursor of a dead branch. */
  async atLeast(cursor: Cursor): Promise<ManifestAt> {
    if (!this.#has(cursor)) await this.#options.replica.catchUp();
    if (!this.#has(cursor)) {
      if (revisionOf(cursor) <= revisionOf(this.#copy.head)) throw this.#cursorGone(cursor);
      await this.#waitFor(cursor);
    }
    return this.now();
  }

  /** The cursor of a revision that is still held. Throws `cursor-gone` and, for one to come, `not-found`. */
  async cursorOf(revision: number): Promise<Cursor> {
    if (!this.#copy.loaded || revision > revisionOf(this.#copy.head)) await this.#options.replica.catchUp();
    const { history } = this.#copy;
    if (revision > revisionOf(history.head))
      throw new DomainError(
        'not-found',
        `there is no revision ${revision} yet; the newest is ${history.head}`,
      );
    if (revision === revisionOf(history.base)) return history.base;
    const commit = history.atRevision(revision);
    if (!commit) throw this.#trimmed(`revision ${revision}`);
    return commit.cursor;
  }

  /**
   * The composed patch from `since` to `to` (by default the head). With `wait` (ms) it waits that long for a first
   * visible change, and then answers with an empty patch. Throws `cursor-gone`, and the signal's reason when it aborts.
   */
  async changes(query: ChangesQuery & { wait?: number | undefined }): Promise<Changes> {
    const { since, to, view, wait = 0, signal } = query;
    await this.#requireRange(since, to);
    const composed = (from: Cursor) => this.#changes({ since: from, to, view, signal });
    let changes = await composed(since);
    if (to !== undefined || wait <= 0) return changes;
    // Commits may have come while it was composed: a poll would wait for the one after them.
    while (isEmptyPatch(changes.patch) && changes.cursor !== this.#options.replica.copy.head)
      changes = { ...(await composed(changes.cursor)), since };
    if (!isEmptyPatch(changes.patch)) return changes;
    await this.#options.polls.untilChanged(view, wait, signal);
    signal.throwIfAborted();
    // The history may have been replaced while we waited.
    await this.#requireCursor(since);
    return composed(since);
  }

  /** What differs between `since` and `to` (by default the head); see {@link compare}. Throws `cursor-gone`. */
  async comparison(
    options: ComparisonOptions & {
      since: Cursor;
      to?: Cursor | undefined;
      /** Nobody needs the answer any more. */
      signal: AbortSignal;
    },
  ): Promise<{ cursor: Cursor; committedAt: number; comparison: Comparison }> {
    const { since, to, signal, ...of } = options;
    await this.#requireRange(since, to);
    const { history, head } = this.#copy;
    const cursor = to ?? head;
    const committedAt = history.at(cursor)?.committedAt ?? 0;
    const comparison = await this.#options.work.run(compare(history.between(since, cursor), of), signal);
    // Commits that were trimmed meanwhile are missing in it.
    if (!history.has(since)) throw this.#cursorGone(since);
    return { cursor, committedAt, comparison };
  }

  /** Commits, newest first. Throws `cursor-gone`. */
  async history({ limit, before, signal, ...filter }: HistoryQuery): Promise<HistoryPage> {
    if (before !== undefined) await this.#requireCursor(before);
    else if (!this.#copy.loaded) await this.#options.replica.catchUp();
    const { history } = this.#copy;
    const below = before === undefined ? undefined : revisionOf(before);
    const items = await this.#options.work.run(newestCommits(history, { below, limit, filter }), signal);
    const last = items.length < limit ? undefined : items.at(-1);
    return { items, next: last && last.prev !== history.base ? last.cursor : undefined };
  }

  get #copy(): ManifestCopy {
    return this.#options.replica.copy;
  }

  async #changes({ since, to, view, signal }: ChangesQuery): Promise<Changes> {
    const { history, head } = this.#copy;
    const cursor = to ?? head;
    const committedAt = history.at(cursor)?.committedAt ?? 0;
    const patch = await this.#options.work.run(history.changesInSteps(since, view, cursor), signal);
    if (!patch) throw this.#cursorGone(since);
    return { since, cursor, patch, committedAt };
  }

  async #requireRange(since: Cursor, to: Cursor | undefined): Promise<void> {
    await this.#requireCursor(since);
    if (to === undefined) return;
    await this.#requireCursor(to);
    if (revisionOf(to) < revisionOf(since))
      throw new DomainError('invalid-request', '`to` is before `since`', {
        errors: [{ in: 'query', field: 'to', detail: 'is before since' }],
      });
  }

  /** Throws only after a catch-up: another replica may have answered with a cursor that is not here yet. */
  async #requireCursor(cursor: Cursor): Promise<void> {
    if (this.#has(cursor)) return;
    await this.#options.replica.catchUp();
    if (!this.#has(cursor)) throw this.#cursorGone(cursor);
  }

  /** Before the first load it knows nothing, not even that the history is empty. */
  #has(cursor: Cursor): boolean {
    return this.#copy.loaded && this.#copy.history.has(cursor);
  }

  #cursorGone(cursor: Cursor): DomainError {
    const { history, head } = this.#copy;
    if (revisionOf(cursor) < revisionOf(history.base)) return this.#trimmed(cursor);
    const why = `${cursor} is of another history: this one is at ${head}, and has another commit or none of this revision`;
    return new DomainError('cursor-gone', why, { oldest: history.base });
  }

  #trimmed(what: string): DomainError {
    const oldest = this.#copy.history.base;
    return new DomainError('cursor-gone', `${what} is older than the history, which starts at ${oldest}`, {
      oldest,
    });
  }

  async #waitFor(cursor: Cursor): Promise<void> {
    const { polls, clock } = this.#options;
    const deadline = clock.monotonic() + AT_LEAST_WAIT;
    let before: Cursor | undefined;
    while (!this.#has(cursor)) {
      const { head } = this.#copy;
      // It waited and nothing came: the time is over, or the daemon ends.
      if (head === before)
        throw new DomainError('not-yet', `${cursor} is not here yet; the newest is ${head}`, {
          retryAfter: 1,
        });
      before = head;
      await polls.untilChanged(WHOLE, deadline - clock.monotonic());
    }
  }
}
