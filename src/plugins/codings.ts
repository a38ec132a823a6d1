import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, type BrotliOptions, type ZlibOptions } from 'node:zlib';

export type Coding = 'br' | 'gzip';

const toBrotli = promisify<Buffer | string, BrotliOptions, Buffer>(brotliCompress);
const toGzip = promisify<Buffer | string, ZlibOptions, Buffer>(gzip);

const BROTLI = {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 4,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
  },
};

/** JSON of 457 kB becomes 10.5 times smaller in 4.5 ms by brotli, 9.2 times in 3 ms by gzip. */
const COMPRESS: Readonly<Record<Coding, (body: Buffer | string) => Promise<Buffer>>> = {
  br: (body) => toBrotli(body, BROTLI),
  gzip: (body) => toGzip(body, { level: 4 }),
};

/** The best first. */
export const CODINGS = ['br', 'gzip'] as const;

/** What was made of a Buffer, by coding, for as long as somebody holds the Buffer: of the whole map, until the next commit. */
const made = new WeakMap<Buffer, Map<Coding, Buffer | Promise<Buffer>>>();

/** The body in a coding: what is there already, or a promise of it. A Buffer is compressed once, whoever asks, and may not change. */
export function compressed(body: Buffer | string, coding: Coding): Buffer | Promise<Buffer> {
  if (typeof body === 'string') return COMPRESS[coding](body);
  let codings = made.get(body);
  if (!codings) made.set(body, (codings = new Map<Coding, Buffer | Promise<Buffer>>()));
  const known = codings.get(coding);
  if (known) return known;
  const making = COMPRESS[coding](body).then(
    (result) => {
      codings.set(coding, result);
      return result;
    },
    (error: unknown) => {
      codings.delete(coding);
      throw error;
    },
  );
  codings.set(coding, making);
  return making;
}
