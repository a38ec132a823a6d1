import type { Districts } from './districts.ts';
import type { GridLayer } from './grid-layer.ts';
import type { Hover } from './hover.ts';
import type { Labels } from './labels.ts';
import type { Light } from './light.ts';
import { Pace } from './pace.ts';
import type { Pictures } from './pictures.ts';
import type { Plane } from './plane.ts';
import type { PulseLayer } from './pulse-layer.ts';
import type { TileLayer } from './tile-layer.ts';

/** Milliseconds between two looks at where the compositors' tiles lie. */
const DISTRICTS = 400;

/** Draws a frame when something moved or changed, and only then. */
export class Frames {
  readonly #plane: Plane;
  readonly #grid: GridLayer;
  readonly #tiles: TileLayer;
  readonly #pulses: PulseLayer;
  readonly #pictures: Pictures | undefined;
  readonly #districts: Districts;
  readonly #labels: Labels;
  readonly #hover: Hover;
  readonly #light: Light;
  readonly #onMove: () => void;
  readonly #onDistricts: () => void;
  readonly #pace = new Pace({ every: DISTRICTS, clock: () => performance.now() });
  #last = performance.now();
  #forced = true;
  /** Drawn so far. */
  count = 0;
  /** When tiles were first drawn: milliseconds since the page was asked for. */
  firstTiles: number | undefined;

  constructor(options: {
    plane: Plane;
    grid: GridLayer;
    tiles: TileLayer;
    pulses: PulseLayer;
    pictures: Pictures | undefined;
    districts: Districts;
    labels: Labels;
    hover: Hover;
    light: Light;
    onMove: () => void;
    onDistricts: () => void;
  }) {
    this.#plane = options.plane;
    this.#grid = options.grid;
    this.#tiles = options.tiles;
    this.#pulses = options.pulses;
    this.#pictures = options.pictures;
    this.#districts = options.districts;
    this.#labels = options.labels;
    this.#hover = options.hover;
    this.#light = options.light;
    this.#onMove = options.onMove;
    this.#onDistricts = options.onDistricts;
  }

  start(): void {
    requestAnimationFrame(() => {
      this.#frame(performance.now());
      this.start();
    });
  }

  /** Draws the next frame whatever happens, as after a change of colours. */
  force(): void {
    this.#forced = true;
  }

  #frame(at: number): void {
    const plane = this.#plane;
    const now = at / 1000;
    const moved = plane.advance(at - this.#last);
    this.#last = at;
    const { screen, width, height } = plane;
    const { zoom } = plane.camera;
    const { left, top } = plane.viewport;
    if (moved || this.#forced) this.#grid.update(left, top, zoom, width, height);
    const changed = [
      this.#tiles.update(screen, zoom, now),
      this.#pulses.update(zoom, now),
      this.#pictures?.update(screen, zoom) ?? false,
    ].includes(true);
    let labels = moved || this.#forced;
    if (this.#pace.run(() => this.#districts.update())) {
      labels = true;
      this.#onDistricts();
    }
    if (labels) this.#labels.update(left, top, zoom, width, height);
    if (moved || changed) this.#hover.update();
    if (moved || changed || this.#forced) {
      this.#forced = false;
      this.count += 1;
      plane.draw();
      if (this.#tiles.quads.shown > 0) this.firstTiles ??= Math.round(performance.now());
    }
    if (moved) this.#onMove();
    this.#light.frame(at);
  }
}
