import { commitSize, type Commit } from './commit.ts';
import { GENESIS, revisionOf, type Cursor } from './cursor.ts';
import { compose, emptyPatch, isEmptyPatch, select, type Patch } from './patch.ts';
import { isWhole, type View } from './view.ts';

/** How much history is kept: `commits` and `seconds`, whichever is more, but never more than `bytes`. */
export interface HistoryPolicy {
  readonly commits: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** The commits that a replica still holds: one unbroken run that ends at its head. */
export class History {
  readonly policy: HistoryPolicy;
  /** Empty where trimmed. */
  #commits: (Commit | undefined)[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  #written = 0;
  #base: Cursor;
  /** How many commits at the front of the arrays are trimmed already; they are cut off in bulk. */
  #dropped = 0;

  constructor(policy: HistoryPolicy, base: Cursor = GENESIS) {
    this.policy = policy;
    this.#base = base;
  }

  /** The cursor before the oldest commit held: the oldest position a reader may resume from. */
  get base(): Cursor {
    return this.#base;
  }

  get head(): Cursor {
    return this.#commits.at(-1)?.cursor ?? this.#base;
  }

  get length(): number {
    return this.#commits.length - this.#dropped;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of all commits ever pushed; only grows. */
  get written(): number {
    return this.#written;
  }

  get last(): Commit | undefined {
    return this.#commits.at(-1);
  }

  /** Adds the commit made on the head. `size` is its encoded length in bytes, when the caller knows it. */
  push(commit: Commit, size: number = commitSize(commit)): void {
    if (commit.prev !== this.head)
      throw new Error(`${commit.cursor} follows ${commit.prev}, not ${this.head}`);
    this.#commits.push(commit);
    this.#sizes.push(size);
    this.#bytes += size;
    this.#written += size;
  }

  /** Drops what the policy no longer keeps; returns the oldest revision that stays. */
  trim(now: number): number {
    const { commits, seconds, bytes } = this.policy;
    while (this.length > 0) {
      const oldest = this.#commits[this.#dropped]!;
      const old = this.length > commits && oldest.committedAt < now - seconds * 1000;
      // The newest commit stays even when it alone is too large: the head must have a nonce to compare.
      if (!old && (this.#bytes <= bytes || this.length === 1)) break;
      this.#bytes -= this.#sizes[this.#dropped]!;
      this.#base = oldest.cursor;
      // Its memory goes now: until the next bulk cut a thousand large commits would stay.
      this.#commits[this.#dropped] = undefined;
      this.#dropped += 1;
    }
    if (this.#dropped > 1024 && this.#dropped > this.length) {
      this.#commits = this.#commits.slice(this.#dropped);
      this.#sizes = this.#sizes.slice(this.#dropped);
      this.#dropped = 0;
    }
    return revisionOf(this.#base) + 1;
  }

  /** Whether `cursor` is a position of this history, so that everything after it is known. */
  has(cursor: Cursor): boolean {
    return cursor === this.#base || this.at(cursor) !== undefined;
  }

  /** The commit named `cursor`, if it is held. */
  at(cursor: Cursor): Commit | undefined {
    const commit = this.atRevision(revisionOf(cursor));
    return commit?.cursor === cursor ? commit : undefined;
  }

  atRevision(revision: number): Commit | undefined {
    return this.#commits[revision - revisionOf(this.#base) - 1 + this.#dropped];
  }

  /** The commits after `cursor` up to and including `to`, oldest first. Both must be positions of this history. */
  *between(cursor: Cursor, to: Cursor = this.head): Generator<Commit, void, undefined> {
    const last = revisionOf(to);
    // By revision, not by index: a trim between two steps may have cut the array.
    for (let revision = revisionOf(cursor) + 1; revision <= last; revision++) {
      const commit = this.atRevision(revision);
      if (commit === undefined) return;
      yield commit;
    }
  }

  /** Newest first, from the commit before `below` (exclusive) on. */
  *newestFirst(below: number = revisionOf(this.head) + 1): Generator<Commit, void, undefined> {
    for (let revision = below - 1; ; revision--) {
      const commit = this.atRevision(revision);
      if (commit === undefined) return;
      yield commit;
    }
  }

  /** The newest commit made for `by` after `cursor`. */
  newestOf(by: string, cursor: Cursor): Cursor | undefined {
    if (!this.has(cursor)) return undefined;
    for (const commit of this.newestFirst()) {
      if (commit.cursor === cursor) return undefined;
      if (commit.by === by) return commit.cursor;
    }
    return undefined;
  }

  /** One patch that leads a reader of `view` from `cursor` to `to`. */
  changes(cursor: Cursor, view: View, to: Cursor = this.head): Patch {
    return composeVisible(this.between(cursor, to), view);
  }

  /** What to apply to the manifest at the head to see it as it was at `cursor`. */
  undoTo(cursor: Cursor): Patch {
    const undo = emptyPatch();
    for (const commit of this.newestFirst()) {
      if (commit.cursor === cursor) break;
      compose(undo, commit.undo);
    }
    return undo;
  }
}

/** The composition of what each commit changes in `view`. See {@link select} for why in this order. */
export function composeVisible(commits: Iterable<Commit>, view: View): Patch {
  const whole = isWhole(view);
  const patch = emptyPatch();
  for (const commit of commits) {
    const visible = whole ? commit.patch : select(commit.patch, commit.undo, view);
    if (!isEmptyPatch(visible)) compose(patch, visible);
  }
  return patch;
}
