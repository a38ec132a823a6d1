import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, type ZlibOptions } from 'node:zlib';
import { crcFactor } from '../domain/crc32.ts';
import { GZIP_HEAD, GzipEnd, LEVEL } from '../services/feed/gzip.ts';

const deflate = promisify<Buffer, ZlibOptions, Buffer>(deflateRaw);

const OPTIONS = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH };

/**
 * One gzip member, a piece at a time and each by itself, in a thread: while a slow client holds things up, there is no compressor that
 * would hold 256 KiB for it.
 */
export async function* gzipPieces(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const end = new GzipEnd();
  yield GZIP_HEAD.bare;
  for await (const piece of pieces) {
    end.add({ length: piece.length, crc: crc32(piece), factor: crcFactor(piece.length) });
    yield await deflate(piece, OPTIONS);
  }
  yield end.encode().bare;
}
