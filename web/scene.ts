import type { Tile } from '../src/client/client.ts';
import { Chunk, CHUNK_BITS, chunkKeyOf } from './chunk.ts';
import { APPEARED, CHANGED, GLOW_SECONDS, REMOVED, UNCHANGED, type Cell } from './cell.ts';
import { hashOf } from './hash.ts';
import { SHADES, type Palette } from './palette.ts';
import { areaOf, type Rectangle } from './rectangle.ts';

export interface CellUpdate {
  /** Seconds of the page's clock. */
  readonly now: number;
  readonly revision: number;
  /** False when the tile existed before and only came into view. */
  readonly visible: boolean;
}

/** The tiles that the page knows, in chunks of the plane. */
export class Scene {
  readonly #palette: Palette;
  readonly #chunks = new Map<number, Chunk>();
  #fading: Cell[] = [];
  #size = 0;
  /** Grows with each change. */
  version = 0;
  /** When a visible change last happened. */
  lastChange = -Infinity;
  /** Called for each visible change. */
  onChange: (cell: Cell) => void = () => undefined;

  constructor(options: { palette: Palette }) {
    this.#palette = options.palette;
  }

  get size(): number {
    return this.#size;
  }

  get(x: number, y: number): Cell | undefined {
    return this.#chunks.get(chunkKeyOf(x >> CHUNK_BITS, y >> CHUNK_BITS))?.get(x, y);
  }

  set(x: number, y: number, tile: Tile, update: CellUpdate): void {
    const key = chunkKeyOf(x >> CHUNK_BITS, y >> CHUNK_BITS);
    let chunk = this.#chunks.get(key);
    if (!chunk) this.#chunks.set(key, (chunk = new Chunk(x >> CHUNK_BITS, y >> CHUNK_BITS)));
    const before = chunk.get(x, y);
    const hash = hashOf(tile.brick);
    const cell: Cell = {
      x,
      y,
      tile,
      owner: this.#palette.ownerOf(tile.compositor),
      pattern: hash & 0xfffff,
      shade: (hash >>> 20) % SHADES,
      change: update.visible ? (before ? CHANGED : APPEARED) : UNCHANGED,
      changedAt: update.visible ? update.now : 0,
      revision: update.revision,
    };
    chunk.set(cell);
    if (!before) this.#size += 1;
    this.#changed(cell, update);
  }

  remove(x: number, y: number, update: CellUpdate): void {
    const key = chunkKeyOf(x >> CHUNK_BITS, y >> CHUNK_BITS);
    const chunk = this.#chunks.get(key);
    const cell = chunk?.remove(x, y);
    if (!chunk || !cell) return;
    if (chunk.size === 0) this.#chunks.delete(key);
    this.#size -= 1;
    const removed = { ...cell, change: REMOVED, changedAt: update.now };
    if (update.visible) this.#fading.push(removed);
    this.#changed(removed, update);
  }

  /** Removed tiles that still fade out. */
  fadingTiles(now: number): readonly Cell[] {
    if (this.#fading.length > 0)
      this.#fading = this.#fading.filter((cell) => now - cell.changedAt < GLOW_SECONDS);
    return this.#fading;
  }

  /** The chunks that touch `area`. Searches the area or all chunks, whichever is less work. */
  *chunks(area: Rectangle): Iterable<Chunk> {
    const [x1, y1] = [area.x1 >> CHUNK_BITS, area.y1 >> CHUNK_BITS];
    const [x2, y2] = [area.x2 >> CHUNK_BITS, area.y2 >> CHUNK_BITS];
    if (areaOf({ x1, y1, x2, y2 }) > this.#chunks.size) {
      for (const chunk of this.#chunks.values())
        if (chunk.x >= x1 && chunk.x <= x2 && chunk.y >= y1 && chunk.y <= y2) yield chunk;
      return;
    }
    for (let y = y1; y <= y2; y++)
      for (let x = x1; x <= x2; x++) {
        const chunk = this.#chunks.get(chunkKeyOf(x, y));
        if (chunk) yield chunk;
      }
  }

  /** All cells; the caller may remove them during the iteration. */
  *cells(): Iterable<Cell> {
    for (const chunk of this.#chunks.values()) yield* chunk.cells();
  }

  allChunks(): Iterable<Chunk> {
    return this.#chunks.values();
  }

  /** Marks everything for a redraw, for example after a colour changed. */
  repaint(): void {
    this.version += 1;
  }

  #changed(cell: Cell, update: CellUpdate): void {
    this.version += 1;
    if (!update.visible) return;
    this.lastChange = update.now;
    this.onChange(cell);
  }
}
