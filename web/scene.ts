import type { Tile } from '../src/client/client.ts';
import { Chunk, CHUNK_BITS, chunkKeyOf } from './chunk.ts';
import { hashOf } from './hash.ts';
import { TONES, type Owner, type Palette } from './palette.ts';
import { areaOf, type Rectangle } from './rectangle.ts';

/** What happened to a cell last; the shader knows these numbers. */
export const STILL = 0;
export const APPEARED = 1;
export const CHANGED = 2;
export const REMOVED = 3;

/** How long a change shows, in seconds. */
export const GLOW = 1.8;

/** A tile as it is drawn. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly tile: Tile;
  readonly owner: Owner;
  /** 20 bits that its pattern is made of. */
  readonly pattern: number;
  readonly tone: number;
  change: number;
  /** Seconds of the page's clock. */
  changedAt: number;
  /** At which revision the page heard of it, and whether it saw it happen then. */
  readonly revision: number;
}

export interface Happening {
  /** Seconds of the page's clock. */
  readonly now: number;
  readonly revision: number;
  /** False for what was there already and only came into view. */
  readonly visible: boolean;
}

/** The tiles that the page knows, by where they are. */
export class Scene {
  readonly #palette: Palette;
  readonly #chunks = new Map<number, Chunk>();
  #ghosts: Cell[] = [];
  #size = 0;
  /** Grows with each change. */
  version = 0;
  /** When something last changed for all to see. */
  lastChange = -Infinity;
  /** Told of each such change. */
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

  set(x: number, y: number, tile: Tile, happening: Happening): void {
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
      tone: (hash >>> 20) % TONES,
      change: happening.visible ? (before ? CHANGED : APPEARED) : STILL,
      changedAt: happening.visible ? happening.now : 0,
      revision: happening.revision,
    };
    chunk.set(cell);
    if (!before) this.#size += 1;
    this.#changed(cell, happening);
  }

  remove(x: number, y: number, happening: Happening): void {
    const key = chunkKeyOf(x >> CHUNK_BITS, y >> CHUNK_BITS);
    const chunk = this.#chunks.get(key);
    const cell = chunk?.remove(x, y);
    if (!chunk || !cell) return;
    if (chunk.size === 0) this.#chunks.delete(key);
    this.#size -= 1;
    const ghost = { ...cell, change: REMOVED, changedAt: happening.now };
    if (happening.visible) this.#ghosts.push(ghost);
    this.#changed(ghost, happening);
  }

  /** Removed tiles that still show. */
  ghosts(now: number): readonly Cell[] {
    if (this.#ghosts.length > 0) this.#ghosts = this.#ghosts.filter((ghost) => now - ghost.changedAt < GLOW);
    return this.#ghosts;
  }

  /** The chunks that touch `area`; looks at those or at all, whichever are fewer. */
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

  /** All of them; may be removed meanwhile. */
  *cells(): Iterable<Cell> {
    for (const chunk of this.#chunks.values()) yield* chunk.cells();
  }

  allChunks(): Iterable<Chunk> {
    return this.#chunks.values();
  }

  /** After a compositor's looks changed. */
  repaint(): void {
    this.version += 1;
  }

  #changed(cell: Cell, happening: Happening): void {
    this.version += 1;
    if (!happening.visible) return;
    this.lastChange = happening.now;
    this.onChange(cell);
  }
}
