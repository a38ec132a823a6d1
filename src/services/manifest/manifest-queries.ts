import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
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
    const { manifest, history, head } = this.#copy;
    return new ManifestAt(manifest, history, head);
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
    if (!commit) throw this.#cursorGone(`revision ${revision}`);
    return commit.cursor;
  }

  /**
   * The composed patch from `since` to `to` (by default the head). With `wait` (ms) it waits that long for a first
   * visible change, and then answers with an empty patch. Throws `cursor-gone`.
   */
  async changes(options: {
    since: Cursor;
    to?: Cursor | undefined;
    view: View;
    wait?: number | undefined;
    signal?: AbortSignal | undefined;
  }): Promise<Changes> {
    const { since, to, view, wait = 0, signal } = options;
    await this.#requireCursor(since);
    if (to !== undefined) {
      await this.#requireCursor(to);
      if (revisionOf(to) < revisionOf(since))
        throw new DomainError('invalid-request', '`to` is before `since`', {
          errors: [{ in: 'query', field: 'to', detail: 'is before since' }],
        });
    }
    let changes = await this.#changes(since, to, view);
    if (to !== undefined || wait <= 0) return changes;
    // Commits may have come while it was composed: a poll would wait for the one after them.
    while (isEmptyPatch(changes.patch) && changes.cursor !== this.#options.replica.copy.head)
      changes = { ...(await this.#changes(changes.cursor, undefined, view)), since };
    if (!isEmptyPatch(changes.patch)) return changes;
    await this.#options.polls.untilChanged(view, wait, signal);
    // The history may have been replaced while we waited.
    await this.#requireCursor(since);
    return this.#changes(since, undefined, view);
  }

  /** Commits, newest first, from before `before` on. Throws `cursor-gone`. */
  async history(limit: number, before?: Cursor): Promise<{ items: Commit[]; next: Cursor | undefined }> {
    if (before !== undefined) await this.#requireCursor(before);
    else if (!this.#copy.loaded) await this.#options.replica.catchUp();
    const { history } = this.#copy;
    const items: Commit[] = [];
    const below = before === undefined ? undefined : revisionOf(before);
    for (const commit of history.newestFirst(below)) {
      items.push(commit);
      if (items.length === limit) break;
    }
    const last = items.at(-1);
    return { items, next: last && last.prev !== history.base ? last.cursor : undefined };
  }

  get #copy(): ManifestCopy {
    return this.#options.replica.copy;
  }

  async #changes(since: Cursor, to: Cursor | undefined, view: View): Promise<Changes> {
    const { history, head } = this.#copy;
    const cursor = to ?? head;
    const committedAt = history.at(cursor)?.committedAt ?? 0;
    const patch = await this.#options.work.run(history.changesInSteps(since, view, cursor));
    if (!patch) throw this.#cursorGone(since);
    return { since, cursor, patch, committedAt };
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

  #cursorGone(what: string): DomainError {
    const oldest = this.#copy.history.base;
    return new DomainError('cursor-gone', `${what} is not in the history; it starts at ${oldest}`, {
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
