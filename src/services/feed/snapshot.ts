import type { Areas } from '../../domain/area-tree.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { formatEventId } from '../../domain/event-id.ts';
import { composeVisible, type History } from '../../domain/history.ts';
import { compose, emptyPatch, patchSize, type MutablePatch, type Patch } from '../../domain/patch.ts';
import type { View } from '../../domain/view.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import { viewToJson } from '../manifest/manifest-head.ts';
import { EntryParts } from './entry-parts.ts';
import { encodeFrame, timeMember, type Frame, type PatchEncoder } from './event.ts';
import type { FeedLimits } from './limits.ts';
import { NOTHING_VISIBLE, OWN_PARTS, type PartSource } from './part-source.ts';

/** Why a reader gets a snapshot: it is new, the history no longer reaches back to its position, or the history is another. */
export type SnapshotReason = 'initial' | 'gap' | 'reset';

/** A commit of more entries changes too much: to find what of it a view shows would take long. */
const LARGE_COMMIT = 20_000;

/**
 * A view's entries in parts of at most 64 KiB, compositors and regions first, then tiles nearest the centre. A part is encoded when its
 * first reader takes it, and once for all who share it: a storm of new readers costs one encoding. Parts that nobody will
 * ask for any more are dropped: a thousand readers that read nothing would otherwise keep a snapshot each.
 *
 * A part holds the values of the moment in which it was encoded. So its readers must also be sent every entry that
 * changed after `since`.
 */
export class Snapshot implements PartSource {
  readonly since: Cursor;
  readonly startedAt: number;
  readonly #view: View;
  readonly #viewHash: string;
  readonly #parts: EntryParts;
  readonly #firstPart: PatchEncoder;
  readonly #firstFrames = new Map<SnapshotReason, { head: Cursor; frame: Frame }>();
  /** From part 1 on; undefined where dropped. */
  readonly #frames: (Frame | undefined)[] = [];
  /** How many readers take each part next. */
  readonly #readersAt: number[] = [];
  #dropped = 0;
  /** What the view shows of the commits after `since`, up to one of them: composed once, whoever joins. */
  readonly #changes: MutablePatch = emptyPatch();
  #changesUpTo: Cursor;
  /** Nobody joins any more. */
  #closed: boolean;

  constructor(options: {
    copy: Pick<ManifestCopy, 'manifest' | 'texts'>;
    view: View;
    viewHash: string;
    /** For an overview. */
    areas?: Areas | undefined;
    since: Cursor;
    now: number;
    limits: Pick<FeedLimits, 'part' | 'lookedAt'>;
    /** Others may come and share it. */
    shared: boolean;
  }) {
    this.since = options.since;
    this.startedAt = options.now;
    this.#changesUpTo = options.since;
    this.#view = options.view;
    this.#viewHash = options.viewHash;
    this.#closed = !options.shared;
    const { part, lookedAt } = options.limits;
    const limits = { part: options.shared ? part : part / OWN_PARTS, lookedAt };
    this.#parts = new EntryParts(options.copy, options.view, limits, { areas: options.areas });
    this.#firstPart = this.#parts.next();
  }

  /**
   * The `snapshot` event, with the first part in it. Its id is the present head, not the cursor since which readers share
   * the snapshot: a reader cut off inside would come back with an older cursor than it had, and another replica would trust it.
   */
  first(reason: SnapshotReason, head: Cursor): Frame {
    let first = this.#firstFrames.get(reason);
    if (first?.head !== head) {
      const id = formatEventId({ cursor: head, partial: true, view: this.#viewHash });
      const before = `"reason":"${reason}","view":${JSON.stringify(viewToJson(this.#view))},`;
      first = { head, frame: encodeFrame(this.#firstPart.finish('snapshot', id, before, '')) };
      this.#firstFrames.set(reason, first);
    }
    return first.frame;
  }

  /** Every part is still there for one more reader. */
  get isWhole(): boolean {
    return this.#dropped === 0;
  }

  /**
   * What the view shows of the commits since it began: whoever joins now must be sent that, too. Undefined when it is no
   * longer known, or more than `limit` entries.
   */
  changes(history: History, limit: number): Patch | undefined {
    if (!history.has(this.#changesUpTo)) return undefined;
    for (const commit of history.between(this.#changesUpTo)) {
      if (patchSize(commit.patch) > LARGE_COMMIT) return undefined;
      compose(this.#changes, composeVisible([commit], this.#view));
      if (patchSize(this.#changes) > limit) return undefined;
      this.#changesUpTo = commit.cursor;
    }
    return this.#changes;
  }

  /** A reader will take all parts. */
  join(): void {
    this.#readersAt[1] = (this.#readersAt[1] ?? 0) + 1;
  }

  /** A reader that would take the part `index` next takes no more. */
  leave(index: number): void {
    this.#readersAt[index]! -= 1;
    this.#drop();
  }

  /** No more readers join. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  has(index: number): boolean {
    return this.#frames.length >= index || !this.#parts.complete;
  }

  /** A reader takes the part `index`, from 1 on; it has joined. Undefined after the last. */
  take(index: number): Frame | undefined {
    const part = this.#part(index);
    if (!part) return undefined;
    this.#readersAt[index]! -= 1;
    this.#readersAt[index + 1] = (this.#readersAt[index + 1] ?? 0) + 1;
    this.#drop();
    return part;
  }

  #drop(): void {
    if (!this.#closed) return;
    while (this.#dropped < this.#frames.length && (this.#readersAt[this.#dropped + 1] ?? 0) === 0)
      this.#frames[this.#dropped++] = undefined;
  }

  /** The part number `index`, from 1 on, as a `patch` event without an id; undefined after the last. */
  #part(index: number): Frame | undefined {
    if (this.#frames.length < index) {
      const part = this.#parts.next();
      if (part.size > 0)
        this.#frames.push(encodeFrame(part.finish('patch', undefined, '', timeMember(this.startedAt))));
      else if (!this.#parts.complete) this.#frames.push(NOTHING_VISIBLE);
    }
    return this.#frames[index - 1];
  }
}
