import type { LongWork } from '../../concurrency/long-work.ts';
import type { Cursor } from '../../domain/cursor.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { patchSize } from '../../domain/patch.ts';
import { isWhole, WHOLE, type Rect, type View } from '../../domain/view.ts';
import { BlockTexts } from './block-texts.ts';
import { digestDocument, type DigestQuery } from './digest-document.ts';
import {
  alone,
  manifestPieces,
  manifestText,
  patchPieces,
  tilePieces,
  tileText,
  type Pieces,
  type TileForm,
} from './json-pieces.ts';
import { LatestDocument, type Document } from './latest-document.ts';
import { headOf, instant, manifestEtag } from './manifest-head.ts';
import type { Changes } from './manifest-queries.ts';
import type { OverviewDocuments } from './overview-document.ts';
import type { PastOverviews } from './past-overviews.ts';
import { readInSlices } from './sliced-read.ts';
import { ownTile, shellTile } from './tile-text.ts';

/** Entries that are encoded in one go: some milliseconds. */
const SMALL = 4000;
/** The texts for the shell of Geometry OS get one part in so many of what those of the whole map get. */
const SHELL_SHARE = 8;

/**
 * The manifest as JSON. The two whole-map documents are kept until the next commit: viewers ask for little else. What is
 * large is encoded in slices, and a large part of the map while its client takes it.
 */
export class ManifestDocuments {
  readonly #work: LongWork;
  readonly #whole: LatestDocument;
  readonly #tileFile: LatestDocument;
  /** With and without the owners of the tiles. */
  readonly #texts: BlockTexts;
  readonly #ownTexts: BlockTexts;
  /** As the shell of Geometry OS reads them: much smaller parts of the map. */
  readonly #shellTexts: BlockTexts;
  readonly #overviews: OverviewDocuments;
  readonly #pastOverviews: PastOverviews;

  /** `now`: the present manifest. `texts`: of its tiles. `textBudget`: bytes of those without owners that are kept, and of each whole text. */
  constructor(options: {
    work: LongWork;
    overviews: OverviewDocuments;
    pastOverviews: PastOverviews;
    now: () => ManifestAt;
    texts: BlockTexts;
    textBudget: number;
  }) {
    const { work, now, texts } = options;
    this.#work = work;
    this.#overviews = options.overviews;
    this.#pastOverviews = options.pastOverviews;
    const ownTexts = new BlockTexts({ encode: ownTile, budget: options.textBudget });
    this.#texts = texts;
    this.#ownTexts = ownTexts;
    this.#shellTexts = new BlockTexts({ encode: shellTile, budget: options.textBudget / SHELL_SHARE });
    const atOnce = (manifest: ManifestAt, encode: () => Buffer) =>
      manifest.isSmall(WHOLE, SMALL) ? encode() : undefined;
    const keeping = { work, now, budget: options.textBudget };
    this.#whole = new LatestDocument({
      ...keeping,
      encodeAtOnce: (manifest) =>
        atOnce(manifest, () => manifestText(manifest, WHOLE, headOf(manifest, WHOLE), texts)),
      pieces: (manifest) => manifestPieces(work, manifest, WHOLE, headOf(manifest, WHOLE), texts),
    });
    this.#tileFile = new LatestDocument({
      ...keeping,
      encodeAtOnce: (manifest) => atOnce(manifest, () => tileText(manifest, WHOLE, alone(ownTexts))),
      pieces: (manifest) => tilePieces(work, manifest, WHOLE, alone(ownTexts)),
    });
  }

  /** `GET /manifest`: cursor, view, compositors and tiles. Undefined: {@link large} makes it. */
  manifest(manifest: ManifestAt, view: View, isPresent: boolean): Document | undefined {
    if (isPresent && isWhole(view)) return this.#whole.get();
    if (!manifest.isSmall(view, SMALL)) return undefined;
    const etag = manifestEtag(manifest, view);
    return {
      cursor: manifest.cursor,
      etag,
      body: manifestText(manifest, view, headOf(manifest, view), this.#texts),
    };
  }

  /** The same for an overview, see {@link OverviewDocuments.make}. */
  overview(view: View, signal: AbortSignal): Promise<Document> {
    return this.#overviews.make(view, signal);
  }

  /** The same for an overview of the past, see {@link PastOverviews.make}. */
  pastOverview(cursor: Cursor, view: View, signal: AbortSignal): Promise<Document> {
    return this.#pastOverviews.make(cursor, view, signal);
  }

  /** The same for a large one; the present whole map may be a newer one than `manifest`. */
  async large(manifest: ManifestAt, view: View, isPresent: boolean): Promise<Document> {
    if (isPresent && isWhole(view)) return this.#whole.make();
    await readInSlices(this.#work, manifest.catchUp());
    const { cursor } = manifest;
    const body = manifestPieces(this.#work, manifest, view, headOf(manifest, view), this.#texts);
    return { cursor, etag: manifestEtag(manifest, view), body };
  }

  /** `GET /manifest/tiles`: exactly the file that InfiniteMap polls, `{"x,y": {brick, timestamp}}`. */
  async tileFile(): Promise<Document> {
    return this.#tileFile.make();
  }

  /** The tiles of a view in the same form; undefined when there are few, which are encoded otherwise. */
  tilesOf(manifest: ManifestAt, view: View): Pieces | undefined {
    if (manifest.isSmall(view, SMALL)) return undefined;
    return tilePieces(this.#work, manifest, view, alone(this.#ownTexts));
  }

  /** The tiles of a rectangle as the shell of Geometry OS reads them, in the form of {@link TileForm}. */
  shellTiles(manifest: ManifestAt, rect: Rect, around: Pick<TileForm, 'before' | 'after'>): Document {
    const view = { rect };
    const form = { ...around, texts: this.#shellTexts };
    const body = manifest.isSmall(view, SMALL)
      ? tileText(manifest, view, form)
      : tilePieces(this.#work, manifest, view, form);
    return { cursor: manifest.cursor, etag: manifestEtag(manifest, view), body };
  }

  /** `GET /manifest/digests`: see {@link digestDocument}. */
  digests(manifest: ManifestAt, query: DigestQuery): Promise<Document> {
    return digestDocument(this.#work, manifest, query);
  }

  /** `GET /manifest/changes`; undefined when it is little, which is encoded otherwise. */
  changes({ since, cursor, patch, committedAt }: Changes): Pieces | undefined {
    if (patchSize(patch) <= SMALL) return undefined;
    const before = `{"since":"${since}","cursor":"${cursor}",`;
    return patchPieces(this.#work, patch, before, `,"time":${JSON.stringify(instant(committedAt))}}\n`);
  }
}
