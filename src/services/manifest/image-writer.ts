import type { LongWork } from '../../concurrency/long-work.ts';
import { revisionOf } from '../../domain/cursor.ts';
import type { Logger } from '../../domain/logger.ts';
import type { ManifestAt, TileGroup } from '../../domain/manifest-at.ts';
import type { ImageStore } from '../../domain/store.ts';
import { ImageEncoder } from '../../domain/tile-image.ts';
import { WHOLE } from '../../domain/view.ts';
import { Bookmark } from './bookmark.ts';
import type { ManifestCopy } from './manifest-copy.ts';
import { SlicedRead } from './sliced-read.ts';

/** With fewer tiles a start is as quick without an image. */
const LEAST_TILES = 10_000;
/** Bytes that are written at once. */
const PIECE = 256 * 1024;

interface ImageWriterOptions {
  readonly copy: ManifestCopy;
  readonly images: ImageStore;
  readonly work: LongWork;
  readonly log: Pick<Logger, 'warn'>;
}

/**
 * Leaves an image of the map beside the store, from which the next start is quick: at the end, and whenever a quarter of the
 * history has passed, since an image is of no use when the log no longer leads on from it.
 */
export class ImageWriter {
  readonly #options: ImageWriterOptions;
  readonly #bookmark: Bookmark;
  #writing: Promise<void> | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: ImageWriterOptions) {
    this.#options = options;
    this.#bookmark = new Bookmark(options.copy);
  }

  start(): void {
    this.#bookmark.move();
    this.#unsubscribe = this.#options.copy.subscribe({
      committed: () => {
        if (this.#bookmark.due && !this.#writing) void this.#begin(false);
      },
      loaded: () => this.#bookmark.move(),
      reloaded: () => this.#bookmark.move(),
    });
  }

  /** Writes the last one, unless another process has done so. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#writing;
    await this.#begin(true);
  }

  /** With `newest` the image is to be of the head; else it may be of any revision since the last call. */
  #begin(newest: boolean): Promise<void> {
    const before = this.#bookmark.move();
    this.#writing = this.#write(newest ? undefined : before)
      .catch((error: unknown) => {
        // The next start is slower, and nothing else.
        this.#options.log.warn({ err: error }, 'cannot write an image of the map');
      })
      .finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  /** Does nothing when another process has written one: of the head, or after the revision `since`. */
  async #write(since: number | undefined): Promise<void> {
    const { copy, images } = this.#options;
    if (!copy.loaded || copy.manifest.tileCount < LEAST_TILES) return;
    const head = await images.head();
    if (head === copy.head) return;
    if (head && since !== undefined && revisionOf(head) > since && copy.history.has(head)) return;
    await images.write(this.#pieces(copy.present));
  }

  async *#pieces(manifest: ManifestAt): AsyncGenerator<Buffer> {
    const encoder = new ImageEncoder();
    let pieces = [encoder.begin(manifest.cursor)];
    let bytes = 0;
    const read = new SlicedRead(this.#options.work, () => manifest.catchUp());
    await read.prepare();
    for (const group of manifest.tileGroups(WHOLE)) {
      const part = encoder.part(tilesOf(group));
      if (part) {
        pieces.push(part);
        bytes += part.length;
      }
      if (bytes >= PIECE) {
        yield Buffer.concat(pieces);
        [pieces, bytes] = [[], 0];
        read.endSlice();
      }
      await read.prepare();
    }
    yield Buffer.concat([...pieces, encoder.end()]);
  }
}

function* tilesOf({ blocks, tiles }: TileGroup) {
  for (const block of blocks) yield* block.entries();
  yield* tiles;
}
