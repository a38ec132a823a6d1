import { commitSize, type Commit } from './commit.ts';
import { GENESIS, revisionOf, type Cursor } from './cursor.ts';
import { compose, emptyPatch, partsOf, patchSize, select, type Patch } from './patch.ts';
import { Rewind } from './rewind.ts';
import { finish, STEP } from './steps.ts';
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

  /** {@link changes} in steps; undefined when the history no longer reaches back to `cursor` at the end of one. */
  *changesInSteps(
    cursor: Cursor,
    view: View,
    to: Cursor = this.head,
  ): Generator<void, Patch | undefined, undefined> {
    const patch = emptyPatch();
    const steps = composeInSteps(patch, this.between(cursor, to), view);
    while (steps.next().done !== true) {
      yield;
      if (!this.has(cursor)) return undefined;
    }
    return patch;
  }

  /** What to apply to the manifest at the head to see it as it was at `cursor`. */
  undoTo(cursor: Cursor): Patch {
    const rewind = new Rewind(this, cursor);
    finish(rewind.catchUp());
    return rewind.undo;
  }
}

/** Composes what a reader of `view` has missed, in steps between which others may run, up to whatever is the head then. */
export class CatchUp {
  readonly patch: Patch = emptyPatch();
  readonly #history: History;
  readonly #view: View;
  /** What {@link patch} holds, and what the commits under way lead to. */
  #upTo: Cursor;
  #steps: Generator<void, void, undefined> | undefined;

  constructor(history: History, cursor: Cursor, view: View) {
    this.#history = history;
    this.#view = view;
    this.#upTo = cursor;
  }

  /** Takes one step. Returns true when nothing is missing now. The history must reach back to where this began. */
  step(): boolean {
    if (!this.#steps) {
      const { head } = this.#history;
      if (this.#upTo === head) return true;
      this.#steps = composeInSteps(this.patch, this.#history.between(this.#upTo, head), this.#view);
      this.#upTo = head;
    }
    if (this.#steps.next().done !== true) return false;
    this.#steps = undefined;
    return this.#upTo === this.#history.head;
  }
}

/** The composition of what each commit changes in `view`. See {@link select} for why in this order. */
export function composeVisible(commits: Iterable<Commit>, view: View): Patch {
  const patch = emptyPatch();
  finish(composeInSteps(patch, commits, view));
  return patch;
}

/** Composes into `patch`; between two steps, which take well below a millisecond, others may run. */
function* composeInSteps(
  patch: Patch,
  commits: Iterable<Commit>,
  view: View,
): Generator<void, void, undefined> {
  const whole = isWhole(view);
  let entries = 0;
  for (const commit of commits)
    for (const part of partsOf(commit.patch, STEP)) {
      compose(patch, whole ? part : select(part, commit.undo, view));
      entries += 1 + patchSize(part);
      if (entries < STEP) continue;
      entries = 0;
      yield;
    }
}
