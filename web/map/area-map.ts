import type { Area } from '../../src/client/client.ts';
import { APPEARED, CHANGED, REMOVED, type CellUpdate, type Spot } from './cell.ts';
import { chunkKeyOf, CHUNK_BITS } from './chunk.ts';
import { extend, type Extent } from './extent.ts';
import type { Owner, Palette } from '../colours/palette.ts';
import { cellOf, type Rectangle } from './rectangle.ts';
import type { Square } from './square.ts';

/** An area as the page draws it. */
export interface AreaSquare extends Square {
  readonly area: Area;
}

export interface AreaMapOptions {
  readonly palette: Palette;
  /** Called for each change, with the middle of the area. */
  readonly onChange: (spot: Spot, update: CellUpdate) => void;
}

/** The areas that the page knows, all of one zoom. */
export class AreaMap {
  readonly #options: AreaMapOptions;
  readonly #squares = new Map<string, AreaSquare>();
  /** 0: the page shows tiles. */
  #zoom = 0;

  constructor(options: AreaMapOptions) {
    this.#options = options;
  }

  get zoom(): number {
    return this.#zoom;
  }

  get size(): number {
    return this.#squares.size;
  }

  /** The tiles in all areas. */
  get tiles(): number {
    let tiles = 0;
    for (const { count } of this.#squares.values()) tiles += count;
    return tiles;
  }

  get names(): Iterable<string> {
    return this.#squares.keys();
  }

  /** The area with this cell. */
  at(x: number, y: number): AreaSquare | undefined {
    const side = 2 ** this.#zoom;
    return this.#squares.get(`${Math.floor(x / side)},${Math.floor(y / side)}`);
  }

  get(name: string): AreaSquare | undefined {
    return this.#squares.get(name);
  }

  /** Starts with no areas. */
  reset(zoom: number): void {
    this.#squares.clear();
    this.#zoom = zoom;
  }

  set(name: string, area: Area, update: CellUpdate): void {
    const before = this.#squares.get(name);
    const [x, y] = this.cornerOf(name);
    const square = {
      x,
      y,
      area,
      count: area.tiles,
      shares: area.owners.map(([id, count]) => ({ owner: this.#options.palette.ownerOf(id), count })),
      changedAt: update.visible ? update.now : 0,
    };
    this.#squares.set(name, square);
    this.#changed(square, before ? CHANGED : APPEARED, update);
  }

  remove(name: string, update: CellUpdate): void {
    const square = this.#squares.get(name);
    if (this.#squares.delete(name)) this.#changed(square!, REMOVED, update);
  }

  /** The upper left cell of an area. */
  cornerOf(name: string): [x: number, y: number] {
    const side = 2 ** this.#zoom;
    const [x, y] = cellOf(name);
    return [x * side, y * side];
  }

  /** The areas that touch `rect`. */
  *squares({ x1, y1, x2, y2 }: Rectangle): Iterable<AreaSquare> {
    const side = 2 ** this.#zoom;
    for (const square of this.#squares.values())
      if (square.x + side > x1 && square.x <= x2 && square.y + side > y1 && square.y <= y2) yield square;
  }

  /** Where each compositor's tiles are, with the precision of an area; by chunk, or by area where areas are larger. */
  extents(): ReadonlyMap<number, ReadonlyMap<Owner, Extent>> {
    const bits = Math.max(CHUNK_BITS, this.#zoom);
    const rest = 2 ** this.#zoom - 1;
    const chunks = new Map<number, Map<Owner, Extent>>();
    for (const { x, y, area } of this.#squares.values()) {
      const key = chunkKeyOf(x >> bits, y >> bits);
      let extents = chunks.get(key);
      if (!extents) chunks.set(key, (extents = new Map<Owner, Extent>()));
      for (const [id, tiles] of area.owners)
        extend(extents, this.#options.palette.ownerOf(id), tiles, {
          x1: x,
          y1: y,
          x2: x + rest,
          y2: y + rest,
        });
    }
    return chunks;
  }

  #changed({ x, y, shares }: Square, change: number, update: CellUpdate): void {
    const half = (2 ** this.#zoom - 1) / 2;
    this.#options.onChange(
      { x: x + half, y: y + half, owner: shares[0]!.owner, change, changedAt: update.now },
      update,
    );
  }
}
