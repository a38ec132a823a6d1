import type { Cursor } from '../../domain/cursor.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { viewHasTile, type View } from '../../domain/view.ts';
import { viewToJson } from '../manifest/manifest-documents.ts';
import { formatEventId } from '../../domain/event-id.ts';
import { encodeFrame, PatchEncoder, type Entry, type Frame } from './event.ts';

/** Why a reader gets a snapshot: it is new, its place in the history is gone, or the history is another one. */
export type SnapshotReason = 'initial' | 'gap' | 'reset';

/**
 * A view's entries in parts of at most 64 KiB, compositors first, then tiles nearest the centre. Encoded piece by piece as
 * its first reader takes it, and once for all who share it: a storm of new readers costs one encoding.
 *
 * A part holds the values of the moment in which it was encoded, so its readers must also be sent every
 * entry that changed after `since`.
 */
export class Snapshot {
  readonly since: Cursor;
  readonly startedAt: number;
  readonly #view: View;
  readonly #viewHash: string;
  readonly #partLimit: number;
  readonly #entries: Iterator<Entry>;
  readonly #head: PatchEncoder;
  readonly #first = new Map<SnapshotReason, { head: Cursor; frame: Frame }>();
  readonly #frames: Frame[] = [];
  #over: Entry | undefined;

  constructor(options: {
    live: LiveManifest;
    view: View;
    viewHash: string;
    since: Cursor;
    now: number;
    /** Bytes of one part. */
    partLimit: number;
  }) {
    this.since = options.since;
    this.startedAt = options.now;
    this.#view = options.view;
    this.#viewHash = options.viewHash;
    this.#partLimit = options.partLimit;
    this.#entries = visible(options.live, options.view);
    this.#head = this.#next();
  }

  /**
   * The `snapshot` event: the first part is in it. Its id is the head of now, and not the cursor since which readers
   * share it: a reader cut off inside would else come back with less than it had, and another replica take it at its word.
   */
  first(reason: SnapshotReason, head: Cursor): Frame {
    let first = this.#first.get(reason);
    if (first?.head !== head) {
      const id = formatEventId({ cursor: head, partial: true, view: this.#viewHash });
      const before = `"reason":"${reason}","view":${JSON.stringify(viewToJson(this.#view))},`;
      first = { head, frame: encodeFrame(this.#head.finish('snapshot', id, before, '')) };
      this.#first.set(reason, first);
    }
    return first.frame;
  }

  /** The part number `index`, from 1 on, as a `patch` event without an id; undefined after the last. */
  part(index: number): Frame | undefined {
    if (this.#frames.length < index) {
      const part = this.#next();
      if (part.size === 0) return undefined;
      const time = JSON.stringify(new Date(this.startedAt).toISOString());
      this.#frames.push(encodeFrame(part.finish('patch', undefined, '', `,"time":${time}`)));
    }
    return this.#frames[index - 1];
  }

  /** The next entries that fit in a part; none when all are out. */
  #next(): PatchEncoder {
    const text = new PatchEncoder();
    if (this.#over) text.add(...this.#over, this.#partLimit);
    this.#over = undefined;
    for (let next = this.#entries.next(); !next.done; next = this.#entries.next()) {
      if (text.add(...next.value, this.#partLimit)) continue;
      this.#over = next.value;
      break;
    }
    return text;
  }
}

/** The entries of a view; each is read when it is reached. */
function* visible(live: LiveManifest, view: View): Generator<Entry, void, undefined> {
  yield* live.visibleCompositors(view);
  if (view.compositors && !view.rect) {
    yield* live.visibleTiles(view);
    return;
  }
  for (const block of live.blocks(view.rect)) {
    for (const key of block) {
      const tile = live.tile(key);
      if (tile && viewHasTile(view, key, tile)) yield [key, tile];
    }
  }
}
