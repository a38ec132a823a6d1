import assert from 'node:assert/strict';

export interface ShellTile {
  readonly x: number;
  readonly y: number;
  readonly brick: string;
  readonly timestamp: number;
}

interface Chunk {
  readonly tiles: Map<string, ShellTile>;
  readonly metadata: unknown;
}

interface ChunkReply {
  readonly chunkX: number;
  readonly chunkY: number;
  readonly tiles: Record<string, ShellTile>;
  readonly metadata: unknown;
}

/** `chunk_manager.js` as far as the network is concerned: it loads chunks around a viewport, and looks tiles up in them. */
export class ChunkManager {
  readonly chunks = new Map<string, Chunk>();
  readonly #size: number;
  readonly #endpoint: string;

  constructor(options: { apiEndpoint: string; chunkSize?: number }) {
    this.#endpoint = options.apiEndpoint;
    this.#size = options.chunkSize ?? 16;
  }

  /** The tiles in view, whose chunks are loaded with their neighbours. */
  async visibleTiles(view: { minX: number; minY: number; maxX: number; maxY: number }): Promise<ShellTile[]> {
    const chunk = (n: number) => Math.floor(n / this.#size);
    const loads: Promise<void>[] = [];
    for (let x = chunk(view.minX) - 1; x <= chunk(view.maxX) + 1; x++)
      for (let y = chunk(view.minY) - 1; y <= chunk(view.maxY) + 1; y++) loads.push(this.load(x, y));
    await Promise.all(loads);
    return [...this.chunks.values()]
      .flatMap(({ tiles }) => [...tiles.values()])
      .filter(({ x, y }) => x >= view.minX && x <= view.maxX && y >= view.minY && y <= view.maxY);
  }

  getTile(x: number, y: number): ShellTile | undefined {
    const key = `${Math.floor(x / this.#size)},${Math.floor(y / this.#size)}`;
    return this.chunks.get(key)?.tiles.get(`${x},${y}`);
  }

  async load(chunkX: number, chunkY: number): Promise<void> {
    const url = `${this.#endpoint}?x=${chunkX}&y=${chunkY}&size=${this.#size}`;
    const response = await fetch(`${url}&t=${Date.now()}`);
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${response.statusText}`);
    const data = (await response.json()) as ChunkReply;
    const tiles = new Map<string, ShellTile>();
    for (const [coordinate, tile] of Object.entries(data.tiles)) {
      const [x, y] = coordinate.split(',').map(Number);
      // The Rust server's own types: i32, i32, String, u64.
      assert.ok(tile.x === x && tile.y === y && Number.isSafeInteger(tile.timestamp), coordinate);
      tiles.set(`${x},${y}`, tile);
    }
    this.chunks.set(`${chunkX},${chunkY}`, { tiles, metadata: data.metadata });
  }
}

/** The other loader of the same file: keeps what comes as it is. */
export class RegionLoader {
  readonly #endpoint: string;

  constructor(options: { apiEndpoint: string }) {
    this.#endpoint = options.apiEndpoint;
  }

  async loadRegion(minX: number, minY: number, width: number, height: number): Promise<unknown> {
    const url = `${this.#endpoint}?x=${minX}&y=${minY}&w=${width}&h=${height}`;
    const response = await fetch(`${url}&t=${Date.now()}`);
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${response.statusText}`);
    return response.json();
  }
}
