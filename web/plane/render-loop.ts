import type { Clusters } from '../map/clusters.ts';
import type { GridLayer } from './grid-layer.ts';
import type { Hover } from './hover.ts';
import type { DisplayState } from '../map/display-state.ts';
import type { Labels } from './labels.ts';
import type { Covered } from './covered.ts';
import type { RegionLayer } from './region-layer.ts';
import type { SelectionLayer } from './selection-layer.ts';
import type { StatusIndicator } from '../panels/status-indicator.ts';
import { Throttle } from './throttle.ts';
import type { Pictures } from './pictures.ts';
import type { Plane } from './plane.ts';
import type { PulseLayer } from './pulse-layer.ts';
import type { TileCursor } from './tile-cursor.ts';
import type { TileLayer } from './tile-layer.ts';

/** Minimum milliseconds between two computations of the clusters. */
const CLUSTER_INTERVAL = 400;

export interface RenderLoopOptions {
  readonly plane: Plane;
  readonly grid: GridLayer;
  readonly tiles: TileLayer;
  readonly pulses: PulseLayer;
  readonly pictures: Pictures | undefined;
  readonly clusters: Clusters;
  readonly labels: Labels;
  readonly covered: Covered;
  readonly regions: RegionLayer;
  readonly frame: SelectionLayer;
  readonly tileCursor: TileCursor;
  readonly display: Pick<DisplayState, 'regions' | 'regionsVersion'>;
  readonly hover: Hover;
  readonly status: StatusIndicator;
  readonly onMove: () => void;
  /** False until the camera is at the first tiles. */
  readonly isFramed: () => boolean;
  readonly onClusters: () => void;
}

/** Draws the map when something moved or changed, and only then. */
export class RenderLoop {
  readonly #options: RenderLoopOptions;
  readonly #throttle = new Throttle({ every: CLUSTER_INTERVAL, clock: () => performance.now() });
  #last = performance.now();
  #forced = true;
  /** How often the map was drawn. */
  rendered = 0;
  /** When tiles were first drawn, in milliseconds since the page was requested. */
  firstTiles: number | undefined;

  constructor(options: RenderLoopOptions) {
    this.#options = options;
  }

  start(): void {
    requestAnimationFrame(() => {
      this.#update(performance.now());
      this.start();
    });
  }

  /** Forces the next drawing, for example after a change of colours. */
  invalidate(): void {
    this.#forced = true;
  }

  #update(at: number): void {
    const { plane, grid, tiles, pulses, pictures, clusters, labels, regions, display, hover } = this.#options;
    const now = at / 1000;
    // Before the camera moves: the first drawing of the tiles is where they are.
    const framed = this.#options.isFramed();
    const reclustered = framed ? this.#throttle.run(() => clusters.update()) : clusters.update();
    if (reclustered) this.#options.onClusters();
    const moved = plane.advance(at - this.#last);
    this.#last = at;
    const { screen, width, height } = plane;
    const { zoom } = plane.camera;
    const { left, top } = plane.viewport;
    if (moved || this.#forced) grid.update(left, top, zoom, width, height);
    const changed = [
      tiles.update(screen, zoom, now),
      pulses.update(zoom, now),
      pictures?.update(screen, zoom) ?? false,
    ].includes(true);
    const reserved = regions.show(display.regions, display.regionsVersion);
    const sighting = { left, top, zoom, width, height };
    const placed = moved || reserved || this.#options.covered.hasChanged() || this.#forced;
    if (placed) regions.update(sighting, this.#options.covered.boxes);
    if (placed || reclustered) labels.update(sighting);
    const selected = this.#options.frame.update(moved || this.#forced, sighting);
    this.#options.tileCursor.update(left, top, zoom);
    if (moved || changed || selected) hover.update();
    if (moved || changed || this.#forced) {
      this.#forced = false;
      this.rendered += 1;
      plane.draw();
      if (tiles.quads.count > 0) this.firstTiles ??= Math.round(performance.now());
    }
    if (moved) this.#options.onMove();
    this.#options.status.countRender(at);
  }
}
