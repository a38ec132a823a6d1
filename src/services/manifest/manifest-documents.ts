import type { LongWork } from '../../concurrency/long-work.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { patchSize } from '../../domain/patch.ts';
import { isWhole, WHOLE, type View } from '../../domain/view.ts';
import { BlockTexts } from './block-texts.ts';
import {
  manifestPieces,
  manifestText,
  patchPieces,
  tilePieces,
  tileText,
  type Pieces,
} from './json-pieces.ts';
import { LatestDocument, type Document } from './latest-document.ts';
import { headOf, instant, manifestEtag } from './manifest-head.ts';
import type { Changes } from './manifest-queries.ts';
import { overviewDocument } from './overview-document.ts';
import type { Overview } from './overview.ts';
import { ownTile } from './tile-text.ts';

/** Entries that are encoded in one go: some milliseconds. */
const SMALL = 4000;

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

  readonly #overview: Overview;
  readonly #now: () => ManifestAt;

  /** `now`: the present manifest. `texts`: of its tiles. `textBudget`: bytes of those without owners that are kept. */
  constructor(options: {
    work: LongWork;
    overview: Overview;
    now: () => ManifestAt;
    texts: BlockTexts;
    textBudget: number;
  }) {
    const { work, now, texts } = options;
    this.#work = work;
    this.#overview = options.overview;
    this.#now = now;
    const ownTexts = new BlockTexts({ encode: ownTile, budget: options.textBudget });
    this.#texts = texts;
    this.#ownTexts = ownTexts;
    this.#whole = new LatestDocument(() => {
      const manifest = now();
      return {
        cursor: manifest.cursor,
        etag: manifestEtag(manifest, WHOLE),
        encodeAtOnce: manifest.isSmall(WHOLE, SMALL)
          ? () => manifestText(manifest, WHOLE, headOf(manifest, WHOLE), texts)
          : undefined,
        pieces: () => manifestPieces(work, manifest, WHOLE, headOf(manifest, WHOLE), texts),
      };
    });
    this.#tileFile = new LatestDocument(() => {
      const manifest = now();
      return {
        cursor: manifest.cursor,
        etag: `"${manifest.cursor}"`,
        encodeAtOnce: manifest.isSmall(WHOLE, SMALL) ? () => tileText(manifest, WHOLE, ownTexts) : undefined,
        pieces: () => tilePieces(work, manifest, WHOLE, ownTexts),
      };
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

  /** The same for an overview of the present manifest. Throws `invalid-request` for too many areas. */
  async overview(view: View): Promise<Document> {
    // Before the first load there is nothing to read the areas of.
    this.#now();
    for (;;) {
      const { areas } = this.#overview;
      if (areas) return overviewDocument(this.#now(), view, areas);
      await this.#overview.ready();
    }
  }

  /** The same for a large one; the present whole map may be a newer one than `manifest`. */
  async large(manifest: ManifestAt, view: View, isPresent: boolean): Promise<Document> {
    if (isPresent && isWhole(view)) return this.#whole.make();
    await this.#work.run(manifest.catchUp());
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
    return manifest.isSmall(view, SMALL) ? undefined : tilePieces(this.#work, manifest, view, this.#ownTexts);
  }

  /** `GET /manifest/changes`; undefined when it is little, which is encoded otherwise. */
  changes({ since, cursor, patch, committedAt }: Changes): Pieces | undefined {
    if (patchSize(patch) <= SMALL) return undefined;
    const before = `{"since":"${since}","cursor":"${cursor}",`;
    return patchPieces(this.#work, patch, before, `,"time":${JSON.stringify(instant(committedAt))}}\n`);
  }
}
