import type { Api } from './api.ts';
import type { Camera } from './camera.ts';
import type { Clusters } from './clusters.ts';
import type { Statistics } from './statistics.ts';
import type { Toast } from './toast.ts';
import type { Plane } from './plane.ts';
import { boundsOf, contains, textOf, type Rectangle } from './rectangle.ts';

/** Pixels per cell, at least, after going to a cell. */
const CELL_ZOOM = 56;
/** The zoom of the first overview, and how many areas of the last one lie side by side at most. */
const FIRST_ZOOM = 16;
const AREAS_ACROSS = 64;

export interface NavigationOptions {
  readonly plane: Plane;
  readonly clusters: Clusters;
  readonly statistics: Statistics;
  readonly api: Api;
  readonly toast: Toast;
  /** Keeps all tiles in sight until the user moves the map. */
  readonly followTiles: boolean;
}

/** Moves the camera to a cell, a compositor, or all tiles. */
export class Navigation {
  readonly #options: NavigationOptions;
  #following: boolean;
  #framed: Rectangle | undefined;

  constructor(options: NavigationOptions) {
    this.#options = options;
    this.#following = options.followTiles;
  }

  get following(): boolean {
    return this.#following;
  }

  stop(): void {
    this.#following = false;
  }

  /** Keeps all tiles in sight, if nobody has moved the map. Called when the clusters have changed. */
  clustersChanged(): void {
    const { bounds } = this.#options.clusters;
    if (!this.#following || !bounds || (this.#framed && contains(this.#framed, bounds))) return;
    const first = this.#framed === undefined;
    this.#framed = bounds;
    const camera = this.#options.plane.cameraFor(bounds);
    if (first) this.#options.plane.jumpTo(camera);
    else this.#options.plane.flyTo(camera);
  }

  goTo(camera: Camera): void {
    this.stop();
    this.#options.plane.flyTo(camera);
  }

  goToCell({ x, y }: { x: number; y: number }): void {
    this.goTo({ x: x + 0.5, y: y + 0.5, zoom: Math.max(this.#options.plane.camera.zoom, CELL_ZOOM) });
  }

  async goToCompositor(id: string): Promise<void> {
    const known = this.#options.clusters.of(id);
    // The view may show only a part of it.
    const whole = known !== undefined && known.count >= (this.#options.statistics.of(id)?.tiles ?? Infinity);
    const bounds = whole ? known : await this.#boundsOf({ compositor: id });
    if (bounds) this.goTo(this.#options.plane.cameraFor(bounds));
    else this.#options.toast.show('This compositor has no tiles.');
  }

  /** Also tiles outside the view, which the page does not know. */
  async showEverything(): Promise<void> {
    const bounds = await this.#boundsOf({});
    if (bounds) this.goTo(this.#options.plane.cameraFor(bounds));
    else this.#options.toast.show('There are no tiles yet.');
  }

  /** The bounds of all tiles, by overviews of ever smaller areas: a large map is not read for it, and they are a little wide. */
  async #boundsOf(query: Record<string, string>): Promise<Rectangle | undefined> {
    try {
      let bounds: Rectangle | undefined;
      for (let zoom: number | undefined = FIRST_ZOOM; zoom !== undefined; zoom = smallerZoom(zoom, bounds)) {
        const view = bounds && { view: textOf(bounds) };
        const { areas } = await this.#options.api.overview({ ...query, ...view, zoom: String(zoom) });
        bounds = boundsOf(Object.keys(areas));
        if (!bounds) return undefined;
        bounds = cellsOf(bounds, zoom);
      }
      return bounds;
    } catch (error) {
      this.#options.toast.show(`The map cannot be read: ${String(error)}`);
      return undefined;
    }
  }
}

/** The next overview: some hundred areas, each a small part of the screen. Undefined when the bounds are as close as need be. */
function smallerZoom(zoom: number, bounds: Rectangle | undefined): number | undefined {
  if (!bounds) return undefined;
  const side = Math.max(bounds.x2 - bounds.x1, bounds.y2 - bounds.y1) + 1;
  const next = Math.max(1, Math.ceil(Math.log2(side / AREAS_ACROSS)));
  return next < zoom ? next : undefined;
}

/** The cells of areas. */
function cellsOf({ x1, y1, x2, y2 }: Rectangle, zoom: number): Rectangle {
  const side = 2 ** zoom;
  return { x1: x1 * side, y1: y1 * side, x2: x2 * side + side - 1, y2: y2 * side + side - 1 };
}
