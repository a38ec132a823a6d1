import type { Deflater } from './deflater.ts';
import { deflateNow, pieceOf, stored, type GzipPiece } from './gzip-piece.ts';

/** Compressed once for all who read them, and then kept: 10 times smaller where the level of frames makes it 9 times. */
export const KEPT_LEVEL = 6;

const COMMA = Buffer.from(',');
const GZIP_COMMA = pieceOf(COMMA, stored(COMMA));

/** Members of a JSON object that many read, and what compression makes of them, once somebody wants it. */
export class TextPiece {
  /** Each after a comma. Nobody may change it. */
  readonly plain: Buffer;
  readonly #grew: (bytes: number) => void;
  #gzip: GzipPiece | undefined;
  #making: Promise<GzipPiece> | undefined;

  /** `grew` is called with the bytes of the compressed text when there is one. */
  constructor(plain: Buffer, grew: (bytes: number) => void) {
    this.plain = plain;
    this.#grew = grew;
  }

  /** The members after the first comma, compressed at once if that is not done. */
  gzip(): GzipPiece {
    return this.#gzip ?? this.#keep(pieceOf(this.#members, deflateNow(this.#members, KEPT_LEVEL)));
  }

  /** The same by a `deflater` of {@link KEPT_LEVEL}: what is there, or a promise of it. */
  gzipBy(deflater: Deflater): GzipPiece | Promise<GzipPiece> {
    return (
      this.#gzip ??
      (this.#making ??= deflater
        .deflate(this.#members)
        .then((made) => this.#keep(made))
        .finally(() => (this.#making = undefined)))
    );
  }

  get #members(): Buffer {
    return this.plain.subarray(1);
  }

  #keep(made: GzipPiece): GzipPiece {
    if (this.#gzip) return this.#gzip;
    this.#gzip = made;
    this.#grew(made.bytes.length);
    return made;
  }
}

/** The members of a piece in a JSON text. The first in their object lose their comma. */
export interface PieceSegment {
  readonly piece: TextPiece;
  readonly isFirst: boolean;
}

/** A part of a JSON text: made for it alone, or one of the pieces that many read. */
export type Segment = Buffer | PieceSegment;

export function plainOf(segment: Segment): Buffer {
  if (Buffer.isBuffer(segment)) return segment;
  return segment.isFirst ? segment.piece.plain.subarray(1) : segment.piece.plain;
}

/** The plain text as one Buffer. */
export function joined(segments: readonly Segment[]): Buffer {
  return Buffer.concat(segments.map(plainOf));
}

export function lengthOf(segment: Segment): number {
  if (Buffer.isBuffer(segment)) return segment.length;
  return segment.piece.plain.length - (segment.isFirst ? 1 : 0);
}

/** What stands before the members of a piece in a compressed text. */
export function commaBefore({ isFirst }: PieceSegment): readonly GzipPiece[] {
  return isFirst ? [] : [GZIP_COMMA];
}
