import { constants, crc32, deflateRawSync } from 'node:zlib';
import { combineCrc, crcFactor } from '../../domain/crc32.ts';
import { finish } from '../../domain/steps.ts';

/** Bytes below which compression saves less than a packet, and costs 40 µs. A stored block has at most 65,535. */
const WORTH_COMPRESSING = 512;
/** Bytes that are compressed in one go: half a millisecond. */
const SLICE = 64 * 1024;
/** Bytes that are compressed at once when nobody has prepared them: 10 ms. */
const MOST_AT_ONCE = 1024 * 1024;
/** 9 times smaller in half the time of the default, which makes it 9.7 times. */
export const LEVEL = 4;

/** What ends each frame: an empty stored block. Decoders give out all they have when they meet it, Go's only then. */
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** An empty final block: the end of the compressed data, before the trailer. */
const LAST_BLOCK = Buffer.from([1, 0, 0, 0xff, 0xff]);

/** Bytes for a socket with and without their HTTP/1.1 chunk. */
export interface Framed {
  /** Inside a chunk of their own, ready for the socket. */
  readonly chunked: Buffer;
  /** Alone, for a connection without chunks (HTTP/1.0). */
  readonly bare: Buffer;
}

/**
 * A frame compressed apart from all others: deflate blocks that refer to nothing before them. So the same bytes fit into every
 * reader's gzip member, wherever that reader is in it.
 */
export interface GzipFrame extends Framed {
  /** Bytes of the frame before it was compressed. */
  readonly length: number;
  /** Their CRC-32. */
  readonly crc: number;
  /** {@link crcFactor} of the length. */
  readonly factor: number;
}

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
  if (bare.length < WORTH_COMPRESSING) return stored(bare);
  const pieces: Buffer[] = [];
  let crc = 0;
  for (let from = 0; from < bare.length; from += SLICE) {
    if (from > 0) yield;
    const slice = bare.subarray(from, from + SLICE);
    crc = crc32(slice, crc);
    pieces.push(deflateRawSync(slice, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH }));
  }
  return whole(bare, crc, pieces);
}

/** Compresses a frame at once. One that is too long for that is sent as it is, in stored blocks. */
export function gzipAtOnce(bare: Buffer): GzipFrame {
  if (bare.length > MOST_AT_ONCE) return stored(bare);
  return finish(gzipInSteps(bare));
}

function stored(bare: Buffer): GzipFrame {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bare.length; from += 0xffff) {
    const data = bare.subarray(from, from + 0xffff);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(data.length, 1);
    head.writeUInt16LE(data.length ^ 0xffff, 3);
    pieces.push(head, data);
  }
  return whole(bare, crc32(bare), [...pieces, FLUSH]);
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
