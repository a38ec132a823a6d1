import type { Tile } from '../../src/client/client.ts';
import { Chunk, CHUNK_BITS, chunkKeyOf } from './chunk.ts';
import { AreaMap } from './area-map.ts';
import {
  APPEARED,
  CHANGED,
  GLOW_SECONDS,
  REMOVED,
  UNCHANGED,
  type Cell,
  type CellUpdate,
  type Spot,
} from './cell.ts';
import type { Extent } from './extent.ts';
import { joined, type Square } from './square.ts';
import { hashOf } from '../../src/pattern/hash.ts';
import { SHADES, type Owner, type Palette } from '../colours/palette.ts';
import { cellsIn, holds, type Rectangle } from './rectangle.ts';

/** The tiles that the page knows, in chunks of the plane; zoomed out the areas instead. */
export class Scene {
  readonly areas: AreaMap;
  readonly #palette: Palette;
  readonly #chunks = new Map<number, Chunk>();
  #fading: Cell[] = [];
  #size = 0;
  /** Grows with each change. */
  version = 0;
  /** When a visible change last happened. */
  lastChange = -Infinity;
  /** Called for each visible change. */
  onChange: (spot: Spot) => void = () => undefined;

  constructor(options: { palette: Palette }) {
    this.#palette = options.palette;
    this.areas = new AreaMap({
      palette: options.palette,
      onChange: (spot, update) => this.#changed(spot, update),
    });
  }

  /** How many tiles the page knows one by one. */
  get size(): number {
    return this.#size;
  }

  /** Shows tiles from now on (zoom 0), or areas of this zoom, of which there are none yet. */
  setZoom(zoom: number): void {
    this.areas.reset(zoom);
    this.repaint();
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
    if (cellsIn({ x1, y1, x2, y2 }) > this.#chunks.size) {
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

  /** What stands for the tiles of `area` in squares of `2^level` cells, which are no smaller than the areas. */
  squares(area: Rectangle, level: number): Iterable<Square> {
    if (this.areas.zoom > 0) {
      const squares = this.areas.squares(area);
      return level > this.areas.zoom ? joined(squares, level) : squares;
    }
    const own = Math.min(level, CHUNK_BITS);
    const squares = Array.from(this.chunks(area), (chunk) => chunk.coarse(own)).flat();
    return level > CHUNK_BITS ? joined(squares, level) : squares;
  }

  /** Whether there are tiles in `area`, by areas a little beyond it. */
  hasTiles(area: Rectangle): boolean {
    if (this.areas.zoom > 0) return this.areas.squares(area)[Symbol.iterator]().next().done !== true;
    for (const chunk of this.chunks(area))
      for (const { x, y } of chunk.cells()) if (holds(area, x, y)) return true;
    return false;
  }

  /** All cells; the caller may remove them during the iteration. */
  *cells(): Iterable<Cell> {
    for (const chunk of this.#chunks.values()) yield* chunk.cells();
  }

  /** Where each compositor's tiles are, by chunk. */
  *extents(): Iterable<readonly [key: number, extents: ReadonlyMap<Owner, Extent>]> {
    if (this.areas.zoom > 0) yield* this.areas.extents();
    else for (const chunk of this.#chunks.values()) yield [chunk.key, chunk.extents()];
  }

  /** Marks everything for a redraw, for example after a colour changed. */
  repaint(): void {
    this.version += 1;
  }

  #changed(spot: Spot, update: CellUpdate): void {
    this.version += 1;
    if (!update.visible) return;
    this.lastChange = update.now;
    this.onChange(spot);
  }
}
