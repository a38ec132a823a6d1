import type { Commit } from '../../domain/commit.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { formatEventId } from '../../domain/event-id.ts';
import { composeVisible, composeVisibleInSteps } from '../../domain/history.ts';
import type { VisiblePatch } from '../../domain/overview.ts';
import { isEmptyPatch, patchSize } from '../../domain/patch.ts';
import type { View } from '../../domain/view.ts';
import { encodeFrame, mapOf, PatchEncoder, timeMember, type Frame } from './event.ts';
import { encodeLargePatch } from './large-event.ts';

/** Entries above which a patch is composed and encoded in steps. */
const LARGE = 2000;

/**
 * One pass over the readers of a view, with the commits that it brings them (at least one). They are composed and encoded
 * once for each position that a reader may have.
 */
export class Round {
  readonly commits: readonly Commit[];
  /** Revision of the last commit. */
  readonly revision: number;
  /** An overview changes too much in it: its readers need a snapshot. */
  readonly isTooLarge: boolean;
  readonly #view: View;
  readonly #viewHash: string;
  /** The position that was looked for last, and its index. */
  #position: Cursor | undefined;
  #index = 0;
  readonly #patches = new Map<number, VisiblePatch>();
  readonly #frames = new Map<number, Frame>();
  readonly #areas: VisiblePatch | undefined;

  /**
   * `areas`: what the commits together change in an overview. It leads to their end from any position between them, since it
   * has the areas of then: a value replaces.
   */
  constructor(view: View, viewHash: string, commits: readonly Commit[], areas?: VisiblePatch | 'too much') {
    this.isTooLarge = areas === 'too much';
    this.#areas = areas === 'too much' ? undefined : areas;
    this.#view = view;
    this.#viewHash = viewHash;
    this.commits = commits;
    this.revision = revisionOf(this.last.cursor);
  }

  get #id(): string {
    return formatEventId({ cursor: this.last.cursor, partial: false, view: this.#viewHash });
  }

  get last(): Commit {
    return this.commits[this.commits.length - 1]!;
  }

  /** The index of the first commit after `position`; the number of commits when there is none. */
  indexAfter(position: Cursor): number {
    // Nearly every reader is where the one before it is: no search, and no number to read.
    if (position === this.#position) return this.#index;
    const revision = revisionOf(position);
    const index = this.commits.findIndex((commit) => revisionOf(commit.cursor) > revision);
    this.#position = position;
    return (this.#index = index < 0 ? this.commits.length : index);
  }

  /**
   * Makes what most of its readers will ask for, in steps between which others may run. Whatever is asked for without it is
   * made at once. `gzip`: whether a reader wants it compressed.
   */
  *prepare(gzip: () => boolean): Generator<void, void, undefined> {
    if (this.isTooLarge) return;
    if (this.commits.reduce((sum, commit) => sum + patchSize(commit.patch), 0) <= LARGE) return;
    const patch = this.#areas ?? (yield* composeVisibleInSteps(this.commits, this.#view));
    this.#patches.set(0, patch);
    if (patchSize(patch) <= LARGE) return;
    const time = timeMember(this.last.committedAt);
    const frame = yield* encodeLargePatch(patch, this.#id, time, mapOf(this.#view));
    if (gzip()) yield* frame.compress();
    this.#frames.set(0, frame);
  }

  /** What the view shows of the commits from index `from` on. */
  patch(from: number): VisiblePatch {
    if (this.#areas) return this.#areas;
    let patch = this.#patches.get(from);
    if (!patch) this.#patches.set(from, (patch = composeVisible(this.commits.slice(from), this.#view)));
    return patch;
  }

  /** The same as one event; undefined when the view shows nothing of them. */
  frame(from: number): Frame | undefined {
    if (this.#areas && from > 0) return this.frame(0);
    const made = this.#frames.get(from);
    if (made) return made;
    const patch = this.patch(from);
    if (isEmptyPatch(patch)) return undefined;
    const encoder = new PatchEncoder(mapOf(this.#view));
    for (const entries of [patch.compositors, patch.regions, patch.tiles])
      for (const [name, value] of entries) encoder.add(name, value, Infinity);
    const frame = encodeFrame(encoder.finish('patch', this.#id, '', timeMember(this.last.committedAt)));
    this.#frames.set(from, frame);
    return frame;
  }
}
