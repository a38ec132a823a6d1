import type { Areas } from '../../domain/area-tree.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { viewHasRegion } from '../../domain/region.ts';
import { isInside } from '../../domain/square.ts';
import { newRects } from '../../domain/view-change.ts';
import { viewHasCompositor, viewHasTile, type View } from '../../domain/view.ts';
import type { BlockTexts } from '../manifest/block-texts.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import { TextPiece } from '../manifest/text-piece.ts';
import { mapOf, PatchEncoder, type CellMap, type Entry } from './event.ts';
import type { FeedLimits } from './limits.ts';

/** An entry, a piece or the members of several tiles, or undefined where nothing may be visible. */
type Item = Entry | TextPiece | string | undefined;

/** The entries of a view, encoded in parts: compositors and regions first, then tiles nearest the centre. */
export class EntryParts {
  readonly #items: Iterator<Item>;
  readonly #map: CellMap;
  readonly #limits: Pick<FeedLimits, 'part' | 'lookedAt'>;
  /** What did not fit in the last part. */
  #left: Item;
  #complete = false;

  /**
   * `limits.part`: bytes of the entries in one part. `before`: a view whose entries are left out. `areas`: for an
   * overview, which has them instead of tiles.
   */
  constructor(
    { manifest, texts }: Pick<ManifestCopy, 'manifest' | 'texts'>,
    view: View,
    limits: Pick<FeedLimits, 'part' | 'lookedAt'>,
    { before, areas }: { before?: View; areas?: Areas | undefined } = {},
  ) {
    this.#map = mapOf(view);
    this.#limits = limits;
    if (areas && view.zoom !== undefined) this.#items = visibleAreas(manifest, view, areas);
    else if (before) this.#items = newEntries(manifest, view, before);
    else this.#items = visibleItems(manifest, view, texts);
  }

  /** The last entry has been encoded. */
  get complete(): boolean {
    return this.#complete;
  }

  /** The next entries that fit in a part; none where many in a row are not visible, and after the last. */
  next(): PatchEncoder {
    const { part: limit, lookedAt } = this.#limits;
    const part = new PatchEncoder(this.#map);
    addTo(part, this.#left, limit);
    this.#left = undefined;
    for (let looked = 0; looked < lookedAt; looked++) {
      const next = this.#items.next();
      this.#complete = next.done === true;
      if (next.done) break;
      if (addTo(part, next.value, limit)) continue;
      this.#left = next.value;
      break;
    }
    return part;
  }
}

/** Returns false when it does not fit. */
function addTo(part: PatchEncoder, item: Item, limit: number): boolean {
  if (item === undefined) return true;
  if (typeof item === 'string') return part.addMembers(item, limit);
  return item instanceof TextPiece ? part.addPiece(item, limit) : part.add(...item, limit);
}

function* visibleAreas(manifest: LiveManifest, view: View, areas: Areas): Generator<Item, void, undefined> {
  yield* manifest.visibleCompositors(view);
  yield* manifest.visibleRegions(view);
  yield* areas.areasIn(view);
}

/**
 * The entries of a view, each read when it is reached, and whole blocks by their texts, which may be a little older than their part: like
 * all that changes meanwhile, such tiles are sent once more.
 */
function* visibleItems(
  manifest: LiveManifest,
  view: View,
  texts: BlockTexts,
): Generator<Item, void, undefined> {
  yield* manifest.visibleCompositors(view);
  yield* manifest.visibleRegions(view);
  if (view.compositors && !view.rect) {
    yield* manifest.visibleTiles(view);
    return;
  }
  for (const square of manifest.nearestFirst(view.rect)) {
    const isWhole = !view.rect || isInside(square, view.rect);
    for (const block of manifest.blocksIn(square, view)) {
      const whole = isWhole ? texts.of(block) : undefined;
      if (typeof whole === 'string') yield whole;
      else yield* whole ?? texts.membersOf(block, view.rect);
    }
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
  for (const entry of manifest.visibleRegions(view))
    yield viewHasRegion(before, entry[1]) ? undefined : entry;
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
