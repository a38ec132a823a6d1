import type { Tile } from './entries.ts';

const float = new DataView(new ArrayBuffer(8));
const utf8 = new TextEncoder();

/** FNV-1a-32 of UTF-8 `key\0owner\0brick\0` and the timestamp as a big-endian float64; openapi/event-stream.md has examples. */
export function tileHash(key: string, { compositor, brick, timestamp }: Tile): number {
  const text = `${key}\0${compositor}\0${brick}\0`;
  let hash = 0x811c9dc5;
  const take = (byte: number) => (hash = Math.imul(hash ^ byte, 0x01000193));
  let at = 0;
  for (; at < text.length && text.charCodeAt(at) < 0x80; at++) take(text.charCodeAt(at));
  // Beyond ASCII one character is several bytes. A surrogate pair is never cut: its halves are both beyond.
  if (at < text.length) for (const byte of utf8.encode(text.slice(at))) take(byte);
  float.setFloat64(0, timestamp);
  for (let i = 0; i < 8; i++) take(float.getUint8(i));
  return hash >>> 0;
}

/** A digest in the form of `synced`; `sum` is the sum of the hashes of so many tiles. */
export function formatDigest(tiles: number, sum: number): string {
  return `${tiles}-${(sum >>> 0).toString(16).padStart(8, '0')}`;
}
