// What the manifest in memory holds a tile, after a full collection.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LiveManifest } from '../../dist/domain/live-manifest.js';
import { answer } from './answer.mjs';

const PART = 10_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Where the tile number `i` lies, on a map of `side` by `side`, whose it is, and what it shows. */
const KINDS = {
  'side by side': (i, side) => ({
    x: i % side,
    y: Math.floor(i / side),
    owner: 'wall',
    brick: `brick-${i % 97}.png`,
  }),
  'a hundred compositors': (i, side) => ({
    x: i % side,
    y: Math.floor(i / side),
    owner: `wall-${Math.floor((100 * (i % side)) / side)}`,
    brick: `brick-${i % 97}.png`,
  }),
  'each with a brick of its own': (i, side) => ({
    x: i % side,
    y: Math.floor(i / side),
    owner: 'wall',
    brick: `brick-${i}.png`,
  }),
  'each far from all others': (i, side) => ({
    x: 32 * (i % side),
    y: 32 * Math.floor(i / side),
    owner: 'wall',
    brick: `brick-${i % 97}.png`,
  }),
};

/** Bytes that each of `tiles` tiles takes: the heap with what lies outside of it. */
async function hold({ kind, tiles }) {
  const manifest = new LiveManifest();
  const side = Math.ceil(Math.sqrt(tiles));
  const before = held();
  for (let start = 0; start < tiles; start += PART) {
    const some = new Map();
    for (let i = start; i < Math.min(tiles, start + PART); i++) {
      const { x, y, owner, brick } = KINDS[kind](i, side);
      // As they come from JSON: each text anew.
      const tile = JSON.parse(JSON.stringify({ brick, timestamp: 1.7e9 + i / 1024, compositor: owner }));
      some.set(`${x},${y}`, tile);
    }
    manifest.apply({ compositors: new Map(), tiles: some, regions: new Map() });
  }
  const bytes = (held() - before) / tiles;
  if (manifest.tileCount !== tiles) throw new Error('some tiles are missing');
  return bytes;
}

function held() {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

answer({ hold, kinds: () => Object.keys(KINDS) });
