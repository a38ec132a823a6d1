import { commitSize, type Commit } from './commit.ts';
import { GENESIS, revisionOf, type Cursor } from './cursor.ts';
import { compose, emptyPatch, partsOf, patchSize, select, type MutablePatch, type Patch } from './patch.ts';
import { Rewind } from './rewind.ts';
import { finish, STEP } from './steps.ts';
import { isWhole, viewHasCompositor, type View } from './view.ts';

/** How much history is kept: `commits` and `seconds`, whichever is more, but never more than `bytes`. */
export interface HistoryPolicy {
  readonly commits: number;
  readonly seconds: number;
  readonly bytes: number;
}

interface Entry {
  /** Undefined once it is dropped. */
  commit: Commit | undefined;
  readonly committedAt: number;
  /** Bytes of its text. */
  readonly size: number;
  /** Bytes of what it keeps in memory; of a withdrawal much more than its text. */
  readonly held: number;
}

/** The commits that a replica still holds: one unbroken run that ends at its head. */
export class History {
  readonly policy: HistoryPolicy;
  #entries: Entry[] = [];
  /** Of those held, and of those that a store keeps: what they count. */
  #bytes = 0;
  #kept = 0;
  #written = 0;
  #base: Cursor;
  /** How many entries at the front are dropped already, and how many of these a store need not keep; those are cut off in bulk. */
  #dropped = 0;
  #forgotten = 0;

  constructor(policy: HistoryPolicy, base: Cursor = GENESIS) {
    this.policy = policy;
    this.#base = base;
  }

  /** The cursor before the oldest commit held: the oldest position a reader may resume from. */
  get base(): Cursor {
    return this.#base;
  }

  get head(): Cursor {
    return this.last?.cursor ?? this.#base;
  }

  get length(): number {
    return this.#entries.length - this.#dropped;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of all commits ever pushed; only grows. */
  get written(): number {
    return this.#written;
  }

  get last(): Commit | undefined {
    return this.#entries.at(-1)?.commit;
  }

  /** Adds the commit made on the head. `size` is its encoded length in bytes, when the caller knows it. */
  push(commit: Commit, size: number = commitSize(commit)): void {
    if (commit.prev !== this.head)
      throw new Error(`${commit.cursor} follows ${commit.prev}, not ${this.head}`);
    // Others keep what their text has. To look would decode the text of each.
    const hidden = commit.withdraws === undefined ? 0 : (commit.undo.tiles.bytes ?? 0);
    const held = size + hidden;
    this.#entries.push({ commit, committedAt: commit.committedAt, size, held });
    this.#bytes += held;
    this.#kept += size;
    this.#written += size;
  }

  /**
   * Drops what the policy no longer keeps; returns the oldest revision that a store must keep. That may be older than what is
   * held here: a store has no tiles of what was withdrawn, and another replica may not have read of it yet.
   */
  trim(now: number): number {
    const { bytes } = this.policy;
    // The newest commit stays even when it alone is too large: the head must have a nonce to compare.
    while (this.length > 1 && (this.#bytes > bytes || this.#isOld(this.#dropped, now))) this.#drop();
    if (this.length === 1 && this.#isOld(this.#dropped, now)) this.#drop();
    while (this.#forgotten < this.#dropped && (this.#kept > bytes || this.#isOld(this.#forgotten, now)))
      this.#kept -= this.#entries[this.#forgotten++]!.size;
    const oldest = revisionOf(this.#base) + 1 - (this.#dropped - this.#forgotten);
    if (this.#forgotten > 1024 && this.#forgotten > this.length) {
      this.#entries = this.#entries.slice(this.#forgotten);
      this.#dropped -= this.#forgotten;
      this.#forgotten = 0;
    }
    return oldest;
  }

  /** Whether the entry is longer ago than `seconds`, and not among the newest `commits`. */
  #isOld(index: number, now: number): boolean {
    const { commits, seconds } = this.policy;
    return this.#entries.length - index > commits && this.#entries[index]!.committedAt < now - seconds * 1000;
  }

  #drop(): void {
    const oldest = this.#entries[this.#dropped]!;
    this.#bytes -= oldest.held;
    this.#base = oldest.commit!.cursor;
    // Its memory goes now: until the next bulk cut a thousand large commits would stay.
    oldest.commit = undefined;
    this.#dropped += 1;
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
    return this.#entries[revision - revisionOf(this.#base) - 1 + this.#dropped]?.commit;
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
  readonly patch: MutablePatch = emptyPatch();
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
  return finish(composeVisibleInSteps(commits, view));
}

/** The same in steps between which others may run. */
export function* composeVisibleInSteps(
  commits: Iterable<Commit>,
  view: View,
): Generator<void, Patch, undefined> {
  const patch = emptyPatch();
  yield* composeInSteps(patch, commits, view);
  return patch;
}

/** Composes into `patch`; between two steps, which take well below a millisecond, others may run. */
function* composeInSteps(
  patch: MutablePatch,
  commits: Iterable<Commit>,
  view: View,
): Generator<void, void, undefined> {
  const whole = isWhole(view);
  let entries = 0;
  for (const commit of commits) {
    if (commit.withdraws !== undefined && !viewHasCompositor(view, commit.withdraws)) continue;
    for (const part of partsOf(commit.patch, STEP, view.rect)) {
      compose(patch, whole ? part : select(part, commit.undo, view));
      entries += 1 + patchSize(part);
      if (entries < STEP) continue;
      entries = 0;
      yield;
    }
  }
}
