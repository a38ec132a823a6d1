import type { Api } from './api.ts';
import type { Camera } from './camera.ts';
import type { Clusters } from './clusters.ts';
import type { Statistics } from './statistics.ts';
import type { Toast } from './toast.ts';
import type { Plane } from './plane.ts';
import { boundsOf, contains, type Rectangle } from './rectangle.ts';

/** Pixels per cell, at least, after going to a cell. */
const CELL_ZOOM = 56;

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

  async #boundsOf(query: Record<string, string>): Promise<Rectangle | undefined> {
    const manifest = await this.#options.api.manifest(query).catch((error: unknown) => {
      this.#options.toast.show(`The map cannot be read: ${String(error)}`);
      return undefined;
    });
    return manifest && boundsOf(Object.keys(manifest.tiles));
  }
}
