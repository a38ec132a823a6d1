import type { LiveManifest } from '../../domain/live-manifest.ts';
import { newRects } from '../../domain/view-change.ts';
import { viewHasCompositor, viewHasTile, type View } from '../../domain/view.ts';
import { PatchEncoder, type Entry } from './event.ts';
import type { FeedLimits } from './limits.ts';

/** The entries of a view, encoded in parts: compositors first, then tiles nearest the centre. */
export class EntryParts {
  readonly #entries: Iterator<Entry | undefined>;
  readonly #limits: Pick<FeedLimits, 'part' | 'lookedAt'>;
  /** The entry that did not fit in the last part. */
  #left: Entry | undefined;
  #complete = false;

  /** `limits.part`: bytes of the entries in one part. `before`: a view whose entries are left out. */
  constructor(
    manifest: LiveManifest,
    view: View,
    limits: Pick<FeedLimits, 'part' | 'lookedAt'>,
    before?: View,
  ) {
    this.#limits = limits;
    this.#entries = before ? newEntries(manifest, view, before) : visibleEntries(manifest, view);
  }

  /** The last entry has been encoded. */
  get complete(): boolean {
    return this.#complete;
  }

  /** The next entries that fit in a part; none where many in a row are not visible, and after the last. */
  next(): PatchEncoder {
    const { part: limit, lookedAt } = this.#limits;
    const part = new PatchEncoder();
    if (this.#left) part.add(...this.#left, limit);
    this.#left = undefined;
    for (let looked = 0; looked < lookedAt; looked++) {
      const next = this.#entries.next();
      this.#complete = next.done === true;
      if (next.done) break;
      if (!next.value || part.add(...next.value, limit)) continue;
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

/** Of these, the ones that `before` does not show; undefined also for each that it does. */
function* newEntries(
  manifest: LiveManifest,
  view: View,
  before: View,
): Generator<Entry | undefined, void, undefined> {
  for (const entry of manifest.visibleCompositors(view))
    yield viewHasCompositor(before, entry[0]) ? undefined : entry;
  if (view.compositors && !view.rect) {
    for (const entry of manifest.visibleTiles(view)) yield viewHasTile(before, ...entry) ? undefined : entry;
    return;
  }
  for (const rect of newRects(view, before)) {
    for (const square of manifest.nearestFirst(rect)) {
      for (const entry of manifest.visibleIn(square, { ...view, rect }))
        yield viewHasTile(before, ...entry) ? undefined : entry;
      yield undefined;
    }
  }
}
