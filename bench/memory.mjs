import { written } from './measure.mjs';

const TILES = 1_000_000;

/** What the map in memory holds a tile, at a million tiles: the heap and the buffers outside of it. */
export async function memory(lab) {
  const worker = lab.worker('map-memory');
  const rows = [];
  for (const kind of await worker.call('kinds')) {
    const bytes = await worker.call('hold', { kind, tiles: TILES });
    rows.push({
      what: `memory of a tile at ${written(TILES)}, ${kind}`,
      ours: written(bytes, 'B'),
      other: '150 B',
      beside: 'allowed',
      ratio: bytes / 150,
      // An upper bound for all of them is `tileBytes`.
      ...(kind === 'side by side' && { target: 1, atMost: true }),
    });
  }
  return rows;
}
