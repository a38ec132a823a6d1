import { reasonOf, type Api } from '../page/api.ts';
import type { Camera } from '../map/camera.ts';
import type { Cluster, Clusters } from '../map/clusters.ts';
import { readOverview } from '../map/overview-reader.ts';
import { firstLook, type Look } from '../map/first-look.ts';
import type { Statistics } from '../panels/statistics.ts';
import type { Toast } from '../panels/toast.ts';
import type { Plane } from './plane.ts';
import type { PlaneOverview, PlaneOverviewState } from '../map/plane-overview.ts';
import { contains, onPlane, overlapOf, type Rectangle } from '../map/rectangle.ts';
import type { Square } from '../map/square.ts';

/** Pixels per cell, at least, after going to a cell. */
const CELL_ZOOM = 56;
/** How many areas lie side by side in the overview that bounds are taken of, at most. */
const ACROSS = 64;

export interface NavigationOptions {
  readonly plane: Plane;
  readonly clusters: Clusters;
  readonly statistics: Statistics;
  readonly api: Api;
  readonly overview: PlaneOverview;
  readonly toast: Toast;
  /** The cursor of the moment shown; undefined: the map is live. */
  readonly at: () => string | undefined;
  /** Makes a change that Back undoes. */
  readonly step: (change: () => void) => void;
  /** Keeps the tiles in sight until the user moves the map. */
  readonly followTiles: boolean;
  /** Whether the page knows all tiles of the plane, or all areas. */
  readonly knowsAll: () => boolean;
}

/** Moves the camera to a cell, a compositor, or all tiles. */
export class Navigation {
  readonly #options: NavigationOptions;
  #following: boolean;
  #look: Look | undefined;

  constructor(options: NavigationOptions) {
    this.#options = options;
    this.#following = options.followTiles;
  }

  get following(): boolean {
    return this.#following;
  }

  /** All tiles are to stay in sight. */
  get followsAll(): boolean {
    return this.#following && (this.#look?.whole ?? true);
  }

  /** The camera is where it belongs: nothing needs to be drawn before. */
  get isFramed(): boolean {
    return !this.#following || this.#look !== undefined;
  }

  stop(): void {
    this.#following = false;
  }

  /** Keeps the tiles in sight, if nobody has moved the map. Called when the clusters have changed. */
  clustersChanged(): void {
    const { plane, clusters, knowsAll } = this.#options;
    const { bounds } = clusters;
    const before = this.#look;
    if (!this.#following || !bounds) return;
    // Of a part of the plane it is not known what else there is.
    if (before && (!knowsAll() || (before.whole && contains(before.rect, bounds)))) return;
    const { rect, whole } = firstLook(clusters.blocks(), plane.free)!;
    const look = { rect, whole: whole && knowsAll() };
    if (before && !isBetter(look, before)) return;
    this.#look = look;
    const camera = plane.cameraFor(look.rect);
    if (before) plane.flyTo(camera);
    else plane.jumpTo(camera);
  }

  /** Flies there, as somebody wants it. */
  goTo(camera: Camera): void {
    this.stop();
    this.#options.step(() => this.#options.plane.flyTo(camera));
  }

  /** Flies where the page's address leads. */
  followLink(camera: Camera): void {
    this.stop();
    this.#options.plane.flyTo(camera);
  }

  goToCell({ x, y }: { x: number; y: number }): void {
    const { plane } = this.#options;
    this.goTo(plane.cameraFor({ x1: x, y1: y, x2: x, y2: y }, Math.max(plane.camera.zoom, CELL_ZOOM)));
  }

  goToCluster(cluster: Cluster): void {
    this.goTo(this.#options.plane.cameraFor(cluster));
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

  /** The tiles that are nearest to the middle of the screen, as the overview has them. */
  async showNearest(): Promise<void> {
    const { plane, overview } = this.#options;
    await overview.refresh();
    const { state } = overview;
    const square = state && nearest(state, plane.camera);
    if (!square) return this.showEverything();
    const { x, y } = square;
    const within = onPlane({ x1: x, y1: y, x2: x + state.side - 1, y2: y + state.side - 1 });
    const bounds = await this.#boundsOf({}, within);
    if (bounds) this.goTo(plane.cameraFor(bounds));
  }

  /** The bounds of all tiles that `query` shows, a little wide. */
  async #boundsOf(query: Record<string, string>, within?: Rectangle): Promise<Rectangle | undefined> {
    try {
      const at = this.#options.at();
      const moment = at !== undefined && { at };
      return (await readOverview(this.#options.api, { ...query, ...moment }, ACROSS, within))?.bounds;
    } catch (error) {
      this.#options.toast.show(`The map cannot be read: ${reasonOf(error)}`);
      return undefined;
    }
  }
}

function nearest({ squares, side }: PlaneOverviewState, { x, y }: Camera): Square | undefined {
  let best: { square: Square; far: number } | undefined;
  for (const square of squares) {
    const far = Math.hypot(square.x + side / 2 - x, square.y + side / 2 - y);
    if (!best || far < best.far) best = { square, far };
  }
  return best?.square;
}

/** Whether the camera is to leave the look that it has: not for another group of tiles that has become the largest. */
function isBetter(look: Look, { rect, whole }: Look): boolean {
  if (look.whole !== whole) return true;
  return !contains(rect, look.rect) && (whole || overlapOf(rect, look.rect) !== undefined);
}
