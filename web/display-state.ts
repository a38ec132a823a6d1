import type { Batch, Compositor, Tile } from '../src/client/client.ts';
import type { Palette } from './palette.ts';
import { cellOf, holds, overlapOf, type Rectangle } from './rectangle.ts';
import type { Scene } from './scene.ts';

/** All entries of a rectangle at one revision. */
export interface MapSnapshot {
  readonly area: Rectangle;
  readonly tiles: Iterable<readonly [string, Tile]>;
  readonly compositors: Iterable<readonly [string, Compositor]>;
  readonly revision: number;
}

/** What the page shows. The live map and the history write to it; the layers read the scene behind it. */
export class DisplayState {
  readonly #scene: Scene;
  readonly #palette: Palette;
  readonly #clock: () => number;
  readonly #compositors = new Map<string, Compositor>();
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

  /** How many tiles are in this rectangle, with the precision of a chunk. */
  tilesIn(area: Rectangle): number {
    let count = 0;
    for (const chunk of this.#scene.chunks(area)) count += chunk.size;
    return count;
  }

  /** All cells of this rectangle are known from now on. */
  markComplete(area: Rectangle): void {
    this.#complete = area;
  }

  /** Only `area` is shown from now on: tiles outside leave the page without looking removed. */
  clipTo(area: Rectangle): void {
    this.#complete = this.#complete && overlapOf(this.#complete, area);
  }

  apply({ revision, compositors, tiles }: Pick<Batch, 'revision' | 'compositors' | 'tiles'>): void {
    this.revision = revision;
    // Sorted by id: colours depend on the order, and should be the same after a reload.
    for (const { key, now } of [...compositors].sort((a, b) => (a.key < b.key ? -1 : 1)))
      this.#compositor(key, now);
    for (const { key, now } of tiles) this.#tile(key, now);
  }

  /** Shows exactly this snapshot; changes only what differs. */
  replace({ area, tiles, compositors, revision }: MapSnapshot): void {
    this.clipTo(area);
    this.revision = revision;
    const wanted = new Map(compositors);
    for (const id of this.#compositors.keys()) if (!wanted.has(id)) this.#compositor(id, null);
    for (const [id, entry] of wanted) this.#compositor(id, entry);
    const target = new Map(tiles);
    for (const cell of [...this.#scene.cells()])
      if (!target.has(`${cell.x},${cell.y}`)) this.#tile(`${cell.x},${cell.y}`, null);
    for (const [key, tile] of target) {
      const [x, y] = cellOf(key);
      const before = this.#scene.get(x, y)?.tile;
      if (!before || !sameTile(before, tile)) this.#tile(key, tile);
    }
    this.markComplete(area);
  }

  #tile(key: string, tile: Tile | null): void {
    const [x, y] = cellOf(key);
    const visible = this.#complete !== undefined && holds(this.#complete, x, y);
    const update = { now: this.#clock(), revision: this.revision, visible };
    if (tile) this.#scene.set(x, y, tile, update);
    else this.#scene.remove(x, y, update);
  }

  #compositor(id: string, entry: Compositor | null): void {
    if (entry) this.#compositors.set(id, entry);
    else this.#compositors.delete(id);
    const stale = entry?.status === 'stale' || entry?.status === 'stopped';
    if (entry && this.#palette.describe(id, entry.name, stale)) this.#scene.repaint();
    this.onCompositors();
  }
}

function sameTile(a: Tile, b: Tile): boolean {
  return a.brick === b.brick && a.timestamp === b.timestamp && a.compositor === b.compositor;
}
