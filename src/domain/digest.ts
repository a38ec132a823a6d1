import type { Tile } from './tile.ts';

/**
 * `<tiles>-<8 hex>`: how many tiles there are and the sum mod 2^32 of their hashes. A sum, so that it is
 * kept incrementally and does not depend on order; a reader in any language computes it the same way.
 */
export interface Digest {
  readonly tiles: number;
  readonly sum: number;
}

export const EMPTY_DIGEST: Digest = { tiles: 0, sum: 0 };

export function formatDigest(digest: Digest): string {
  return `${digest.tiles}-${digest.sum.toString(16).padStart(8, '0')}`;
}

export function addTile(digest: Digest, key: string, tile: Tile): Digest {
  return { tiles: digest.tiles + 1, sum: (digest.sum + tileHash(key, tile)) >>> 0 };
}

export function removeTile(digest: Digest, key: string, tile: Tile): Digest {
  return { tiles: digest.tiles - 1, sum: (digest.sum - tileHash(key, tile)) >>> 0 };
}

/** The digest without tiles that have the digest `part`. */
export function withoutPart(digest: Digest, part: Digest): Digest {
  return { tiles: digest.tiles - part.tiles, sum: (digest.sum - part.sum) >>> 0 };
}

/** The digest of all tiles of several maps that have no key in common. */
export function sumOf(digests: Iterable<Digest>): Digest {
  let [tiles, sum] = [0, 0];
  for (const each of digests) {
    tiles += each.tiles;
    sum = (sum + each.sum) >>> 0;
  }
  return { tiles, sum };
}

type Tiles = ReadonlyMap<string, Tile | null>;

/** The digest after the tiles of a patch; `undo` has those of its inverse. */
export function digestAfter(digest: Digest, tiles: Tiles, undo: Tiles): Digest {
  let after = digest;
  for (const [key, tile] of tiles) {
    const before = undo.get(key);
    if (before) after = removeTile(after, key, before);
    if (tile) after = addTile(after, key, tile);
  }
  return after;
}

export function digestOf(tiles: Iterable<readonly [string, Tile]>): Digest {
  let digest = EMPTY_DIGEST;
  for (const [key, tile] of tiles) digest = addTile(digest, key, tile);
  return digest;
}

const float = new DataView(new ArrayBuffer(8));

/** FNV-1a-32 of UTF-8 `key\0owner\0brick\0` and the timestamp as a big-endian float64. */
export function tileHash(key: string, tile: Tile): number {
  let hash = text(0x811c9dc5, key);
  hash = text(hash, tile.compositor);
  hash = text(hash, tile.brick);
  // + 0 makes -0 a 0: the two are one timestamp, and JSON, so every log and reader, knows only the latter.
  float.setFloat64(0, tile.timestamp + 0);
  for (let i = 0; i < 8; i++) hash = byte(hash, float.getUint8(i));
  return hash >>> 0;
}

function byte(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193);
}

function text(seed: number, value: string): number {
  let hash = seed;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x80) {
      hash = byte(hash, code);
    } else {
      const point = codePoint(value, i);
      if (point > 0xffff) i += 1;
      hash = beyondAscii(hash, point);
    }
  }
  return byte(hash, 0);
}

/** A half of a surrogate pair without the other becomes U+FFFD, as everywhere in UTF-8. */
function codePoint(value: string, at: number): number {
  const point = value.codePointAt(at)!;
  return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
}

/** The bytes of UTF-8. An encoder would make an array for each text: ten times as long for a name that is not ASCII. */
function beyondAscii(seed: number, point: number): number {
  const rest = (bits: number) => 0x80 | ((point >> bits) & 0x3f);
  if (point < 0x800) return byte(byte(seed, 0xc0 | (point >> 6)), rest(0));
  if (point < 0x10000) return byte(byte(byte(seed, 0xe0 | (point >> 12)), rest(6)), rest(0));
  return byte(byte(byte(byte(seed, 0xf0 | (point >> 18)), rest(12)), rest(6)), rest(0));
}
