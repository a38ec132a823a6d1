import { constants, crc32, deflateRawSync } from 'node:zlib';
import { crcFactor } from '../../domain/crc32.ts';

/**
 * A text compressed apart from all others: deflate blocks that refer to nothing before them, up to the end of a byte. So the same
 * bytes fit into any gzip member, wherever in it.
 */
export interface GzipPiece {
  readonly bytes: Buffer;
  /** Bytes of the text before it was compressed. */
  readonly length: number;
  /** Their CRC-32. */
  readonly crc: number;
  /** `crcFactor` of the length. */
  readonly factor: number;
}

/** Bytes below which compression saves less than a packet, and costs 40 µs. */
export const WORTH_COMPRESSING = 512;

/** The most that a stored block has. */
const LONGEST_STORED = 0xffff;

/** An empty stored block. Decoders give out all they have when they meet it, Go's only then. */
export const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** Compresses a text at once; half a millisecond for 64 KiB. It ends with {@link FLUSH}. */
export function deflateNow(text: Buffer, level: number): Buffer {
  return deflateRawSync(text, { level, finishFlush: constants.Z_SYNC_FLUSH });
}

/** A text as it is, in blocks that say how long they are. */
export function stored(text: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let from = 0; from < text.length; from += LONGEST_STORED) {
    const data = text.subarray(from, from + LONGEST_STORED);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(data.length, 1);
    head.writeUInt16LE(data.length ^ 0xffff, 3);
    blocks.push(head, data);
  }
  return Buffer.concat(blocks);
}

/** `bytes` is what was made of `text`. */
export function pieceOf(text: Buffer, bytes: Buffer): GzipPiece {
  return { bytes, length: text.length, crc: crc32(text), factor: crcFactor(text.length) };
}
