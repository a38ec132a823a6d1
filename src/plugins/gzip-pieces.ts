import { Deflater } from '../services/manifest/deflater.ts';
import type { GzipPiece } from '../services/manifest/gzip-piece.ts';
import type { Pieces } from '../services/manifest/json-pieces.ts';
import { commaBefore, KEPT_LEVEL, type Segment } from '../services/manifest/text-piece.ts';
import { GZIP_HEAD, GzipEnd, LEVEL } from '../services/feed/gzip.ts';

/** Segments that are compressed before they are sent, so that a thread works while others are sent. */
const AHEAD = 8;
/** Bytes that are sent together: those of one piece are few. */
const TOGETHER = 16 * 1024;

/** Of what is kept, and of what one client is sent. */
const deflaters = { kept: new Deflater(KEPT_LEVEL), passing: new Deflater(LEVEL) };

/**
 * One gzip member of segments that are compressed each by itself, in a thread, unless that has been done: while a slow client holds
 * things up, there is no compressor that would hold 256 KiB for it.
 */
export async function* gzipPieces(segments: Pieces): AsyncGenerator<Buffer, void, undefined> {
  const end = new GzipEnd();
  let ready = [GZIP_HEAD.bare];
  let bytes = 0;
  for await (const pieces of ahead(segments))
    for (const piece of pieces) {
      end.add(piece);
      ready.push(piece.bytes);
      bytes += piece.bytes.length;
      if (bytes < TOGETHER) continue;
      // Not of a whole segment at once: what a slow client does not take is in memory.
      yield Buffer.concat(ready);
      ready = [];
      bytes = 0;
    }
  yield Buffer.concat([...ready, end.encode().bare]);
}

/** What becomes of each segment, in order. */
async function* ahead(segments: Pieces): AsyncGenerator<readonly GzipPiece[], void, undefined> {
  const making: (readonly GzipPiece[] | Promise<readonly GzipPiece[]>)[] = [];
  for await (const segment of segments) {
    const made = compressed(segment);
    // It may fail before anybody waits for it, or when nobody does any more.
    if (made instanceof Promise) made.catch(() => undefined);
    making.push(made);
    if (making.length > AHEAD) yield await making.shift()!;
  }
  while (making.length > 0) yield await making.shift()!;
}

function compressed(segment: Segment): readonly GzipPiece[] | Promise<readonly GzipPiece[]> {
  if (Buffer.isBuffer(segment)) return deflaters.passing.deflate(segment).then((piece) => [piece]);
  const comma = commaBefore(segment);
  const made = segment.piece.gzipBy(deflaters.kept);
  return made instanceof Promise ? made.then((piece) => [...comma, piece]) : [...comma, made];
}
