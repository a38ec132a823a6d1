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
const utf8 = new TextEncoder();

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
    // Beyond ASCII one character is several bytes: leave it to the encoder.
    if (code > 0x7f) return byte(utf8.encode(value).reduce(byte, seed), 0);
    hash = byte(hash, code);
  }
  return byte(hash, 0);
}
