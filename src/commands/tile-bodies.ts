import type { TraceLine } from './trace.ts';

/** What the daemon takes in one request: 1 MiB (here with room for the braces) and 10,000 tiles. */
const MAX_BYTES = 1_048_576 - 2;
const MAX_TILES = 10_000;

/** The bodies that publish `tiles`, in order: one, unless that would be larger than the daemon takes. */
export function tileBodies(tiles: TraceLine['tiles'], maxBytes = MAX_BYTES, maxTiles = MAX_TILES): string[] {
  const bodies: string[] = [];
  let entries: string[] = [];
  let bytes = 0;
  const flush = () => {
    bodies.push(`{${entries.join(',')}}`);
    entries = [];
    bytes = 0;
  };
  for (const [key, tile] of tiles) {
    const entry = `${JSON.stringify(key)}:${JSON.stringify(tile)}`;
    const size = Buffer.byteLength(entry) + 1;
    if (entries.length > 0 && (entries.length === maxTiles || bytes + size > maxBytes)) flush();
    entries.push(entry);
    bytes += size;
  }
  if (entries.length > 0 || bodies.length === 0) flush();
  return bodies;
}
