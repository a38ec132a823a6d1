import type { Area, Batch, Compositor, Region, Tile } from '../../src/client/client.ts';
import { printable } from '../../src/domain/printable.ts';
import type { Palette } from '../colours/palette.ts';
import { cellOf, holds, overlapOf, type Rectangle } from './rectangle.ts';
import type { CellUpdate } from './cell.ts';
import type { Scene } from './scene.ts';

/** All entries of a rectangle at one revision: tiles, or with a zoom areas. */
export interface MapSnapshot {
  readonly rect: Rectangle;
  readonly zoom: number;
  readonly tiles: Iterable<readonly [string, Tile]>;
  readonly areas: Iterable<readonly [string, Area]>;
  readonly compositors: Iterable<readonly [string, Compositor]>;
  readonly regions: Iterable<readonly [string, Region]>;
  readonly revision: number;
}

/** What the page shows. The live map and the history write to it; the layers read the scene behind it. */
export class DisplayState {
  readonly #scene: Scene;
  readonly #palette: Palette;
  readonly #clock: () => number;
  readonly #compositors = new Map<string, Compositor>();
  readonly #regions = new Map<string, Region>();
  /** Grows with each change of the regions. */
  regionsVersion = 0;
  /** The rectangle that was complete until now. A new tile inside has just been set; a new tile outside has come into view. */
  #complete: Rectangle | undefined;
  revision = 0;
  /** Called when a compositor changed. */
  onCompositors: () => void = () => undefined;

  constructor(options: { scene: Scene; palette: Palette; clock: () => number }) {
    this.#scene = options.scene;
    this.#palette = options.palette;
    this.#clock = options.clock;
  }

  get compositors(): ReadonlyMap<string, Compositor> {
    return this.#compositors;
  }

  get regions(): ReadonlyMap<string, Region> {
    return this.#regions;
  }

  /** The zoom of the areas that are shown; 0: tiles. */
  get zoom(): number {
    return this.#scene.areas.zoom;
  }

  /** How many tiles are in this rectangle, with the precision of a chunk. */
  tilesIn(rect: Rectangle): number {
    let count = 0;
    for (const chunk of this.#scene.chunks(rect)) count += chunk.size;
    return count;
  }

  /** Whether it is known what is in this cell: its tile, or that it has none. */
  holds(x: number, y: number): boolean {
    return this.zoom === 0 && this.#complete !== undefined && holds(this.#complete, x, y);
  }

  /** All cells of this rectangle are known from now on. */
  markComplete(rect: Rectangle): void {
    this.#complete = rect;
  }

  /** Only `rect` is shown from now on: tiles outside leave the page without looking removed. */
  clipTo(rect: Rectangle): void {
    this.#complete = this.#complete && overlapOf(this.#complete, rect);
  }

  /** Changes what is shown, whose zoom stays the same. */
  apply({
    revision,
    compositors,
    tiles,
    areas,
    regions,
  }: Pick<Batch, 'revision' | 'compositors' | 'tiles' | 'areas' | 'regions'>): void {
    this.revision = revision;
    // Sorted by id: colours depend on the order, and should be the same after a reload.
    for (const { key, now } of [...compositors].sort((a, b) => (a.key < b.key ? -1 : 1)))
      this.#compositor(key, now);
    for (const { key, now } of tiles) this.#tile(key, now);
    for (const { key, now } of areas) this.#area(key, now);
    for (const { key, now } of regions) this.#region(key, now);
  }

  /** Takes over the entries of all compositors but `only`, the one in view: of those the page hears nothing else. */
  describeOthers(entries: readonly Compositor[], only: string): void {
    const known = new Set(entries.map(({ id }) => id)).add(only);
    for (const id of [...this.#compositors.keys()]) if (!known.has(id)) this.#compositor(id, null);
    for (const entry of entries) if (entry.id !== only) this.#compositor(entry.id, entry);
  }

  /** Shows exactly this snapshot; changes only what differs. */
  replace({ rect, zoom, tiles, areas, compositors, regions, revision }: MapSnapshot): void {
    this.clipTo(rect);
    if (zoom !== this.zoom) {
      // Areas do not change into tiles, nor these into areas of another size: none of it has just happened.
      this.#complete = undefined;
      this.#scene.setZoom(zoom);
    }
    this.revision = revision;
    const wanted = new Map(compositors);
    for (const id of this.#compositors.keys()) if (!wanted.has(id)) this.#compositor(id, null);
    for (const [id, entry] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) this.#compositor(id, entry);
    const held = new Map(regions);
    for (const id of this.#regions.keys()) if (!held.has(id)) this.#region(id, null);
    for (const [id, region] of held) this.#region(id, region);
    this.#replaceTiles(new Map(tiles));
    this.#replaceAreas(new Map(areas));
    this.markComplete(rect);
  }

  #replaceTiles(target: ReadonlyMap<string, Tile>): void {
    for (const { x, y } of [...this.#scene.cells()])
      if (!target.has(`${x},${y}`)) this.#tile(`${x},${y}`, null);
    for (const [key, tile] of target) {
      const [x, y] = cellOf(key);
      const before = this.#scene.get(x, y)?.tile;
      if (!before || !sameTile(before, tile)) this.#tile(key, tile);
    }
  }

  #replaceAreas(target: ReadonlyMap<string, Area>): void {
    const { areas } = this.#scene;
    for (const name of [...areas.names]) if (!target.has(name)) this.#area(name, null);
    for (const [name, area] of target) {
      const before = areas.get(name)?.area;
      if (!before || !sameArea(before, area)) this.#area(name, area);
    }
  }

  #tile(key: string, tile: Tile | null): void {
    const [x, y] = cellOf(key);
    if (tile) this.#scene.set(x, y, tile, this.#updateAt(x, y));
    else this.#scene.remove(x, y, this.#updateAt(x, y));
  }

  #area(name: string, area: Area | null): void {
    const { areas } = this.#scene;
    const update = this.#updateAt(...areas.cornerOf(name));
    if (area) areas.set(name, area, update);
    else areas.remove(name, update);
  }

  #region(id: string, region: Region | null): void {
    if (region) this.#regions.set(id, { ...region, purpose: printable(region.purpose) });
    else this.#regions.delete(id);
    this.regionsVersion += 1;
  }

  #updateAt(x: number, y: number): CellUpdate {
    const visible = this.#complete !== undefined && holds(this.#complete, x, y);
    return { now: this.#clock(), revision: this.revision, visible };
  }

  #compositor(id: string, entry: Compositor | null): void {
    // What is written on the page from here on, also into labels for screen readers, which nothing isolates.
    const name = entry ? printable(entry.name) : '';
    if (entry) this.#compositors.set(id, name === entry.name ? entry : { ...entry, name });
    else this.#compositors.delete(id);
    const stale = entry?.status === 'stale' || entry?.status === 'stopped';
    if (entry && this.#palette.describe(id, name, stale)) this.#scene.repaint();
    this.onCompositors();
  }
}

function sameTile(a: Tile, b: Tile): boolean {
  return a.brick === b.brick && a.timestamp === b.timestamp && a.compositor === b.compositor;
}

function sameArea(a: Area, b: Area): boolean {
  return a.tiles === b.tiles && a.timestamp === b.timestamp && String(a.owners) === String(b.owners);
}
