import { constants, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { pieceOf, type GzipPiece } from './gzip-piece.ts';

/**
 * Compresses texts in a thread, one after the other and each apart from all others. There is one compressor for all of them: to make
 * one for each takes 256 KiB and as long as to compress 10 KiB.
 */
export class Deflater {
  readonly #level: number;
  #stream: DeflateRaw | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(level: number) {
    this.#level = level;
  }

  /** Nobody may change `text` before the result is there. */
  deflate(text: Buffer): Promise<GzipPiece> {
    const made = this.#last.then(() => this.#run(text));
    this.#last = made.catch(() => undefined);
    return made;
  }

  async #run(text: Buffer): Promise<GzipPiece> {
    // After a full flush nothing refers to what was before it.
    const stream = (this.#stream ??= createDeflateRaw({
      level: this.#level,
      flush: constants.Z_FULL_FLUSH,
    }));
    const pieces: Buffer[] = [];
    const take = (piece: Buffer) => pieces.push(piece);
    stream.on('data', take);
    try {
      await new Promise<void>((resolve, reject) => {
        stream.once('error', reject);
        stream.write(text, () => {
          stream.off('error', reject);
          resolve();
        });
      });
      // What it has not given out yet comes as `data`, too.
      while (stream.read() !== null);
    } catch (error) {
      this.#stream = undefined;
      throw error;
    } finally {
      stream.off('data', take);
    }
    return pieceOf(text, Buffer.concat(pieces));
  }
}
