import { brotliDecompressSync, gunzipSync } from 'node:zlib';

/** The body of a reply without its `Content-Encoding`. */
export function decoded(coding: unknown, body: Buffer): Buffer {
  if (coding === 'gzip') return gunzipSync(body);
  return coding === 'br' ? brotliDecompressSync(body) : body;
}
