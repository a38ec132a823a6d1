import type { Palette } from '../colours/palette.ts';
import { EMPTY, widen } from './extent.ts';
import { readOverview, zoomFor, type OverviewApi } from './overview-reader.ts';
import { cellOf, PLANE, type Rectangle } from './rectangle.ts';
import type { Scene } from './scene.ts';
import type { Square } from './square.ts';

/** The most squares side by side. */
const ACROSS = 40;
/** Minimum milliseconds between two overviews that are requested. */
const REQUEST_INTERVAL = 10_000;

/** All tiles of the plane, in few squares. */
export interface PlaneOverviewState {
  /** Cells that a square is wide. */
  readonly side: number;
  readonly squares: readonly Square[];
  readonly bounds: Rectangle;
}

export interface PlaneOverviewOptions {
  readonly api: OverviewApi;
  readonly scene: Scene;
  readonly palette: Palette;
  /** Whether the scene has all tiles of the plane, or all areas. */
  readonly knowsAll: () => boolean;
  /** Names the moment that is on the page: another one, another overview. */
  readonly revision: () => number;
  /** The cursor of that moment; undefined: now. */
  readonly at: () => string | undefined;
}

/** The whole plane in some hundred squares: of what the page knows, or else of an overview that it requests now and then. */
export class PlaneOverview {
  readonly #options: PlaneOverviewOptions;
  #state: PlaneOverviewState | undefined;
  #shown = '';
  #requestedAt = -Infinity;
  #busy = false;
  onChange: () => void = () => undefined;

  constructor(options: PlaneOverviewOptions) {
    this.#options = options;
  }

  /** Undefined: there are no tiles, or nothing is known yet. */
  get state(): PlaneOverviewState | undefined {
    return this.#state;
  }

  /** Brings it up to date at once. */
  refresh(): Promise<void> {
    this.#requestedAt = -Infinity;
    return this.update(performance.now());
  }

  /** Brings it up to date. Call it now and then: it does nothing when nothing has changed. */
  async update(now: number): Promise<void> {
    const { scene, revision, knowsAll, at } = this.#options;
    const [cursor, whole] = [at(), knowsAll()];
    const moment = cursor ?? (whole ? `v${scene.version}` : `r${revision()}`);
    if (this.#busy || moment === this.#shown) return;
    if (cursor === undefined && whole) {
      this.#show(moment, this.#ofScene());
      return;
    }
    if (cursor === undefined && now - this.#requestedAt < REQUEST_INTERVAL) return;
    this.#busy = true;
    this.#requestedAt = now;
    try {
      this.#show(moment, await this.#request(cursor));
    } catch {
      // What was known stays; the next time is soon.
    } finally {
      this.#busy = false;
    }
  }

  #show(moment: string, state: PlaneOverviewState | undefined): void {
    this.#shown = moment;
    this.#state = state;
    this.onChange();
  }

  #ofScene(): PlaneOverviewState | undefined {
    const { scene } = this.#options;
    const bounds = { ...EMPTY };
    for (const [, extents] of scene.extents()) for (const extent of extents.values()) widen(bounds, extent);
    if (bounds.x1 === Infinity) return undefined;
    const level = Math.max(zoomFor(bounds, ACROSS), scene.areas.zoom);
    return { side: 2 ** level, squares: [...scene.squares(PLANE, level)], bounds };
  }

  async #request(at: string | undefined): Promise<PlaneOverviewState | undefined> {
    const { api, palette } = this.#options;
    const found = await readOverview(api, at === undefined ? {} : { at }, ACROSS);
    if (!found) return undefined;
    // In the order in which the map names them: it may come later, and who is first of two with one colour has it.
    for (const id of Object.keys(found.compositors).sort()) palette.ownerOf(id);
    const side = 2 ** found.zoom;
    const squares = Object.entries(found.areas).map(([name, { tiles, owners }]) => {
      const [x, y] = cellOf(name);
      const shares = owners.map(([id, count]) => ({ owner: palette.ownerOf(id), count }));
      return { x: x * side, y: y * side, count: tiles, shares, changedAt: 0 };
    });
    return { side, squares, bounds: found.bounds };
  }
}
