import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  addTile,
  digestOf,
  EMPTY_DIGEST,
  formatDigest,
  removeTile,
  tileHash,
} from '../../src/domain/digest.ts';
import { sameTile, type Tile } from '../../src/domain/tile.ts';
import { anyKey, hostileString, manifests, tile } from '../support/arbitraries.ts';
import { law } from './law.ts';

/** openapi/event-stream.md word for word, slowly: the bytes first, then FNV-1a-32 in exact integers. */
function plainHash(key: string, { compositor, brick, timestamp }: Tile): number {
  const float = Buffer.alloc(8);
  float.writeDoubleBE(timestamp === 0 ? 0 : timestamp);
  let hash = 0x811c9dc5n;
  for (const byte of Buffer.concat([Buffer.from(`${key}\0${compositor}\0${brick}\0`), float]))
    hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return Number(hash);
}

function plainDigest(tiles: Map<string, Tile>): string {
  let sum = 0n;
  for (const [key, entry] of tiles) sum += BigInt(plainHash(key, entry));
  return `${tiles.size}-${(sum % 2n ** 32n).toString(16).padStart(8, '0')}`;
}

// Computed by a few lines of Python (struct.pack('>d'), str.encode()), so by neither implementation here.
const VECTORS: [string, Tile, string][] = [
  ['0,0', { compositor: 'a', brick: 'wall.png', timestamp: 0 }, '70b2b363'],
  ['3,-4', { compositor: 'wall', brick: 'wall.rts.png', timestamp: 1700000000.5 }, '970dd2d3'],
  ['-2147483648,2147483647', { compositor: 'zoë', brick: 'brick 😀ÿ', timestamp: 1e-7 }, '2938f7b8'],
];

t.test('known vectors', async (t) => {
  for (const [key, entry, hex] of VECTORS) {
    t.equal(tileHash(key, entry).toString(16).padStart(8, '0'), hex, key);
    t.equal(plainHash(key, entry).toString(16).padStart(8, '0'), hex, key);
  }
  t.equal(formatDigest(digestOf(VECTORS.map(([key, entry]) => [key, entry]))), '3-30f97dee');
  t.equal(formatDigest(EMPTY_DIGEST), '0-00000000');
});

law(t, 'the hash is that of the plain implementation', [anyKey, tile, hostileString], (key, entry, name) => {
  assert.equal(tileHash(key, entry), plainHash(key, entry));
  assert.equal(tileHash(key, { ...entry, compositor: name }), plainHash(key, { ...entry, compositor: name }));
});

law(t, 'the digest is that of the plain implementation, in any order', [manifests()], ({ tiles }) => {
  assert.equal(formatDigest(digestOf(tiles)), plainDigest(tiles));
  assert.deepEqual(digestOf([...tiles].reverse()), digestOf(tiles));
});

law(
  t,
  'a digest says both numbers, the sum in hex',
  [fc.nat(), fc.nat({ max: 2 ** 32 - 1 })],
  (tiles, sum) => {
    const text = formatDigest({ tiles, sum });
    assert.match(text, /^\d+-[0-9a-f]{8}$/);
    assert.deepEqual([parseInt(text), parseInt(text.slice(-8), 16)], [tiles, sum]);
  },
);

law(t, 'removing is the inverse of adding', [manifests(), anyKey, tile], ({ tiles }, key, entry) => {
  const digest = digestOf(tiles);
  assert.deepEqual(removeTile(addTile(digest, key, entry), key, entry), digest);
  assert.deepEqual(addTile(removeTile(digest, key, entry), key, entry), digest);
});

law(t, 'equal tiles hash the same, also after a trip through a log', [anyKey, tile], (key, entry) => {
  const back = JSON.parse(JSON.stringify(entry)) as Tile;
  assert.ok(sameTile(back, entry));
  assert.equal(tileHash(key, back), tileHash(key, entry));
});
