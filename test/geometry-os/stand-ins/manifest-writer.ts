import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

interface TileEntry {
  readonly brick: string;
  readonly timestamp: number;
}

/** `manifest_writer.rs`: reads the file once, when it starts, and from then on rewrites all of it with each of its own tiles. */
export class ManifestWriter {
  readonly #path: string;
  readonly #tiles: Map<string, TileEntry>;

  constructor(path: string) {
    this.#path = path;
    this.#tiles = new Map(existsSync(path) ? Object.entries(readTiles(path)) : []);
  }

  updateTile(x: number, y: number, brick: string): void {
    this.#tiles.set(`${x},${y}`, { brick, timestamp: Date.now() / 1000 });
    this.#write();
  }

  removeTile(x: number, y: number): void {
    if (this.#tiles.delete(`${x},${y}`)) this.#write();
  }

  getTile(x: number, y: number): TileEntry | undefined {
    return this.#tiles.get(`${x},${y}`);
  }

  #write(): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    // Not atomic: who reads meanwhile may see half of it.
    writeFileSync(this.#path, JSON.stringify(Object.fromEntries(this.#tiles), null, 2));
  }
}

function readTiles(path: string): Record<string, TileEntry> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, TileEntry>;
  } catch {
    return {};
  }
}
