import type { Batch, Compositor, Tile } from '../src/client/client.ts';
import type { Palette } from './palette.ts';
import { cellOf, holds, overlapOf, type Rectangle } from './rectangle.ts';
import type { Scene } from './scene.ts';

/** All that there was in a rectangle at one moment. */
export interface Whole {
  readonly area: Rectangle;
  readonly tiles: Iterable<readonly [string, Tile]>;
  readonly compositors: Iterable<readonly [string, Compositor]>;
  readonly revision: number;
}

/** What the page shows: the live map, or one of the past. Whoever provides it writes here. */
export class Shown {
  readonly #scene: Scene;
  readonly #palette: Palette;
  readonly #clock: () => number;
  readonly #compositors = new Map<string, Compositor>();
  /** What was known whole until now: what is new in here has just happened, what is new elsewhere has come into view. */
  #known: Rectangle | undefined;
  revision = 0;
  /** Told whenever one of them changed. */
  onCompositors: () => void = () => undefined;

  constructor(options: { scene: Scene; palette: Palette; clock: () => number }) {
    this.#scene = options.scene;
    this.#palette = options.palette;
    this.#clock = options.clock;
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
  know(area: Rectangle): void {
    this.#known = area;
  }

  /** Nothing but `area` is shown from now on: what leaves the page because it lies elsewhere has not just gone. */
  narrow(area: Rectangle): void {
    this.#known = this.#known && overlapOf(this.#known, area);
  }

  apply({ revision, compositors, tiles }: Pick<Batch, 'revision' | 'compositors' | 'tiles'>): void {
    this.revision = revision;
    // By id: colours go by who is shown first, and should be the same the next time.
    for (const { key, now } of [...compositors].sort((a, b) => (a.key < b.key ? -1 : 1)))
      this.#compositor(key, now);
    for (const { key, now } of tiles) this.#tile(key, now);
  }

  /** Shows exactly this, by changing what differs. */
  replace({ area, tiles, compositors, revision }: Whole): void {
    this.narrow(area);
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
    this.know(area);
  }

  #tile(key: string, tile: Tile | null): void {
    const [x, y] = cellOf(key);
    const visible = this.#known !== undefined && holds(this.#known, x, y);
    const happening = { now: this.#clock(), revision: this.revision, visible };
    if (tile) this.#scene.set(x, y, tile, happening);
    else this.#scene.remove(x, y, happening);
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
