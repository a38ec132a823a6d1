import { crc32 } from 'node:zlib';
import { combineCrc, crcFactor } from '../../domain/crc32.ts';
import { finish } from '../../domain/steps.ts';
import {
  deflateNow,
  FLUSH,
  pieceOf,
  stored,
  WORTH_COMPRESSING,
  type GzipPiece,
} from '../manifest/gzip-piece.ts';
import { commaBefore, type Segment } from '../manifest/text-piece.ts';

/** Bytes that are compressed in one go: half a millisecond. */
const SLICE = 64 * 1024;
/** Bytes that are compressed at once when nobody has prepared them: 10 ms. */
const MOST_AT_ONCE = 1024 * 1024;
/** 9 times smaller in half the time of the default, which makes it 9.7 times. */
export const LEVEL = 4;

/** An empty final block: the end of the compressed data, before the trailer. */
const LAST_BLOCK = Buffer.from([1, 0, 0, 0xff, 0xff]);

/** Bytes for a socket with and without their HTTP/1.1 chunk. */
export interface Framed {
  /** Inside a chunk of their own, ready for the socket. */
  readonly chunked: Buffer;
  /** Alone, for a connection without chunks (HTTP/1.0). */
  readonly bare: Buffer;
}

/** A frame compressed apart from all others: the same bytes for every reader. */
export interface GzipFrame extends Framed, Omit<GzipPiece, 'bytes'> {}

/** Puts bytes into an HTTP/1.1 chunk. */
export function framed(pieces: readonly Buffer[]): Framed {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const head = Buffer.from(`${length.toString(16)}\r\n`);
  const chunked = Buffer.concat([head, ...pieces, Buffer.from('\r\n')]);
  return { chunked, bare: chunked.subarray(head.length, head.length + length) };
}

/** The first bytes of each compressed stream. */
export const GZIP_HEAD = framed([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])]);

/** Compresses a frame, whatever its size, in steps between which others may run. */
export function* gzipInSteps(bare: Buffer): Generator<void, GzipFrame, undefined> {
  if (bare.length < WORTH_COMPRESSING) return whole(bare, crc32(bare), [stored(bare), FLUSH]);
  const pieces: Buffer[] = [];
  let crc = 0;
  for (let from = 0; from < bare.length; from += SLICE) {
    if (from > 0) yield;
    const slice = bare.subarray(from, from + SLICE);
    crc = crc32(slice, crc);
    pieces.push(deflateNow(slice, LEVEL));
  }
  return whole(bare, crc, pieces);
}

/** Compresses a frame at once. One that is too long for that is sent as it is, in stored blocks. */
export function gzipAtOnce(bare: Buffer): GzipFrame {
  if (bare.length > MOST_AT_ONCE) return whole(bare, crc32(bare), [stored(bare), FLUSH]);
  return finish(gzipInSteps(bare));
}

/** Puts a frame together of what is kept compressed, and of what is made for it alone. */
export function gzipSegments(segments: readonly Segment[]): GzipFrame {
  const pieces = segments.flatMap((segment) => {
    if (!Buffer.isBuffer(segment)) return [...commaBefore(segment), segment.piece.gzip()];
    const isShort = segment.length < WORTH_COMPRESSING;
    return [pieceOf(segment, isShort ? stored(segment) : deflateNow(segment, LEVEL))];
  });
  let [crc, length] = [0, 0];
  for (const piece of pieces) {
    crc = combineCrc(crc, piece.crc, piece.factor);
    length += piece.length;
  }
  return { ...framed([...pieces.map(({ bytes }) => bytes), FLUSH]), length, crc, factor: crcFactor(length) };
}

function whole(bare: Buffer, crc: number, pieces: readonly Buffer[]): GzipFrame {
  return { ...framed(pieces), length: bare.length, crc, factor: crcFactor(bare.length) };
}

/** What the end of one reader's gzip member says of all that was in it. Without the end, Go and `gunzip` call the stream broken. */
export class GzipEnd {
  #crc = 0;
  #length = 0;

  /** The frame was sent. */
  add({ crc, factor, length }: Pick<GzipFrame, 'crc' | 'factor' | 'length'>): void {
    this.#crc = combineCrc(this.#crc, crc, factor);
    this.#length = (this.#length + length) >>> 0;
  }

  encode(): Framed {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#length, 4);
    return framed([LAST_BLOCK, trailer]);
  }
}
