import type { Compositor, Tile } from '../src/client/client.ts';
import type { Palette } from './palette.ts';
import { cellOf, holds, type Rectangle } from './rectangle.ts';
import type { Scene } from './scene.ts';

/** What the page shows: the live map, or one of the past. Whoever provides it writes here. */
export class Shown {
  readonly #scene: Scene;
  readonly #palette: Palette;
  readonly #clock: () => number;
  readonly #compositors = new Map<string, Compositor>();
  readonly #onCompositors: () => void;
  /** What was known whole until now: what is new in here has just happened, what is new elsewhere has come into view. */
  #known: Rectangle | undefined;
  revision = 0;

  constructor(options: { scene: Scene; palette: Palette; clock: () => number; onCompositors: () => void }) {
    this.#scene = options.scene;
    this.#palette = options.palette;
    this.#clock = options.clock;
    this.#onCompositors = options.onCompositors;
  }

  get compositors(): ReadonlyMap<string, Compositor> {
    return this.#compositors;
  }

  /** How many tiles it shows in about this rectangle. */
  tilesIn(area: Rectangle): number {
    let count = 0;
    for (const chunk of this.#scene.chunks(area)) count += chunk.size;
    return count;
  }

  /** All cells of this rectangle are known from now on. */
  know(area: Rectangle | undefined): void {
    this.#known = area;
  }

  tile(key: string, tile: Tile | null): void {
    const [x, y] = cellOf(key);
    const visible = this.#known !== undefined && holds(this.#known, x, y);
    const happening = { now: this.#clock(), revision: this.revision, visible };
    if (tile) this.#scene.set(x, y, tile, happening);
    else this.#scene.remove(x, y, happening);
  }

  compositor(id: string, entry: Compositor | null): void {
    if (entry) this.#compositors.set(id, entry);
    else this.#compositors.delete(id);
    const stale = entry?.status === 'stale' || entry?.status === 'stopped';
    if (entry && this.#palette.describe(id, entry.name, stale)) this.#scene.repaint();
    this.#onCompositors();
  }

  /** Shows exactly these, by changing what differs. */
  replace(
    tiles: Iterable<readonly [string, Tile]>,
    compositors: Iterable<readonly [string, Compositor]>,
    revision: number,
  ): void {
    this.revision = revision;
    const wanted = new Map(compositors);
    for (const id of this.#compositors.keys()) if (!wanted.has(id)) this.compositor(id, null);
    for (const [id, entry] of wanted) this.compositor(id, entry);
    const target = new Map(tiles);
    for (const cell of [...this.#scene.cells()])
      if (!target.has(`${cell.x},${cell.y}`)) this.tile(`${cell.x},${cell.y}`, null);
    for (const [key, tile] of target) {
      const [x, y] = cellOf(key);
      const before = this.#scene.get(x, y)?.tile;
      if (!before || !sameTile(before, tile)) this.tile(key, tile);
    }
  }
}

function sameTile(a: Tile, b: Tile): boolean {
  return a.brick === b.brick && a.timestamp === b.timestamp && a.compositor === b.compositor;
}
