import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip, type Gzip } from 'node:zlib';
import { ArchiveError } from '../../domain/archive.ts';

/** Quick, and about a tenth of the text. */
const LEVEL = 3;
/** Bytes of one line: the longest is a commit that replaces 10,000 tiles with long names. */
const LONGEST_LINE = 64 * 1024 * 1024;
const NEWLINE = 10;

/** The text in gzip, as its reader takes it. It is destroyed with the error of `text`. */
export function compressed(text: AsyncIterable<string>): Gzip {
  return pipeline(Readable.from(text), createGzip({ level: LEVEL }), () => undefined);
}

/** The lines in compressed bytes. Throws an {@link ArchiveError} when they are no gzip, damaged or cut off, and what `bytes` throws. */
export async function* linesIn(bytes: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const input = Readable.from(bytes);
  const text = pipeline(input, createGunzip(), () => undefined);
  let pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end; (end = chunk.indexOf(NEWLINE, from)) >= 0; from = end + 1) {
        yield Buffer.concat([...pieces, chunk.subarray(from, end)]).toString();
        [pieces, size] = [[], 0];
      }
      pieces.push(chunk.subarray(from));
      size += chunk.length - from;
      if (size > LONGEST_LINE) throw new ArchiveError('has a line that is longer than any that was written');
    }
  } catch (error) {
    throw damageIn(error) ?? error;
  } finally {
    input.destroy();
  }
  if (size > 0) throw new ArchiveError('is cut off');
}

function damageIn(error: unknown): ArchiveError | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return new ArchiveError('is cut off', { cause: error });
  if (code === 'Z_DATA_ERROR' && message === 'incorrect header check')
    return new ArchiveError('is no archive of compositord', { cause: error });
  return code?.startsWith('Z_') ? new ArchiveError(`is damaged: ${message}`, { cause: error }) : undefined;
}
