import type { Cursor } from '../../domain/cursor.ts';
import { formatEventId } from '../../domain/event-id.ts';
import { composeVisible, type History } from '../../domain/history.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { compose, emptyPatch, patchSize, type MutablePatch, type Patch } from '../../domain/patch.ts';
import type { View } from '../../domain/view.ts';
import { viewToJson } from '../manifest/manifest-documents.ts';
import { encodeFrame, PatchEncoder, timeMember, type Entry, type Frame } from './event.ts';
import type { FeedLimits } from './limits.ts';

/** Why a reader gets a snapshot: it is new, the history no longer reaches back to its position, or the history is another. */
export type SnapshotReason = 'initial' | 'gap' | 'reset';

/** A part in which nothing is visible: a comment, which also tells that the connection is alive. */
const NOTHING_VISIBLE = encodeFrame(':\n');

/** A commit of more entries changes too much: to find what of it a view shows would take long. */
const LARGE_COMMIT = 20_000;

/** A reader's snapshot of its own comes in parts this much smaller: while nobody reads them, one lies in its socket. */
const OWN_PARTS = 4;

/**
 * A view's entries in parts of at most 64 KiB, compositors first, then tiles nearest the centre. A part is encoded when its
 * first reader takes it, and once for all who share it: a storm of new readers costs one encoding. Parts that nobody will
 * ask for any more are dropped: a thousand readers that read nothing would otherwise keep a snapshot each.
 *
 * A part holds the values of the moment in which it was encoded. So its readers must also be sent every entry that
 * changed after `since`.
 */
export class Snapshot {
  readonly since: Cursor;
  readonly startedAt: number;
  readonly #view: View;
  readonly #viewHash: string;
  readonly #partLimit: number;
  readonly #lookedAt: number;
  readonly #entries: Iterator<Entry | undefined>;
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
  /** The entry that did not fit in the last part. */
  #left: Entry | undefined;
  /** The last entry has been encoded. */
  #complete = false;

  constructor(options: {
    manifest: LiveManifest;
    view: View;
    viewHash: string;
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
    this.#partLimit = options.shared ? part : part / OWN_PARTS;
    this.#lookedAt = lookedAt;
    this.#entries = visibleEntries(options.manifest, options.view);
    this.#firstPart = this.#encodeNext();
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
      const part = this.#encodeNext();
      if (part.size > 0)
        this.#frames.push(encodeFrame(part.finish('patch', undefined, '', timeMember(this.startedAt))));
      else if (!this.#complete) this.#frames.push(NOTHING_VISIBLE);
    }
    return this.#frames[index - 1];
  }

  /** The next entries that fit in a part; none where many in a row are not visible, and after the last. */
  #encodeNext(): PatchEncoder {
    const part = new PatchEncoder();
    if (this.#left) part.add(...this.#left, this.#partLimit);
    this.#left = undefined;
    for (let looked = 0; looked < this.#lookedAt; looked++) {
      const next = this.#entries.next();
      this.#complete = next.done === true;
      if (next.done) break;
      if (!next.value || part.add(...next.value, this.#partLimit)) continue;
      this.#left = next.value;
      break;
    }
    return part;
  }
}

/** The entries of a view, each read when it is reached; undefined after each square, of which nothing may be visible. */
function* visibleEntries(manifest: LiveManifest, view: View): Generator<Entry | undefined, void, undefined> {
  yield* manifest.visibleCompositors(view);
  if (view.compositors && !view.rect) {
    yield* manifest.visibleTiles(view);
    return;
  }
  for (const square of manifest.nearestFirst(view.rect)) {
    yield* manifest.visibleIn(square, view);
    yield undefined;
  }
}
