import { zoomFor, type Sight } from './aim.ts';
import { contains, PLANE, snapped, widened, type Rectangle } from './rectangle.ts';

/** Minimum milliseconds between two moves of the view, and how long the camera rests before only the zoom changes. */
const MOVE_INTERVAL = 300;
const REST = 120;
/** The view is wider than the screen by this share on each side, for tiles and for areas. */
const MARGIN = 0.25;
const AREA_MARGIN = 0.125;
/** A view with more tiles than this, and this many times more than the screen needs, shrinks when the map rests for a while. */
const SHRINK_ABOVE = 5000;
const SHRINK_FACTOR = 8;
const SHRINK_DELAY = 1500;

/** A part of the plane, in tiles (zoom 0) or in areas. */
export interface Aimed {
  readonly view: Rectangle;
  readonly zoom: number;
}

export interface ViewAimOptions {
  /** Undefined: the camera is nowhere yet. */
  readonly sight: Sight | undefined;
  /** What the subscription was last told to show. */
  readonly current: () => Aimed;
  /** How many tiles it has; in a rectangle, how many of them the page shows there. */
  readonly known: () => number;
  readonly tilesIn: (rect: Rectangle) => number;
  readonly onMove: (aimed: Aimed) => void;
}

/** Decides when the view of the subscription moves, and where to: the screen and its surroundings, not too often. */
export class ViewAim {
  readonly #options: ViewAimOptions;
  #sight: Sight | undefined;
  #movedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** All tiles are to stay in sight: the view is the whole plane. */
  following: boolean;
  /** The tiles of the whole map, about; undefined until somebody says so. A small map is read tile by tile. */
  total: number | undefined;

  constructor(options: ViewAimOptions) {
    this.#options = options;
    this.#sight = options.sight;
    this.following = !options.sight;
  }

  /** Says how many tiles the whole map has. Returns whether that is news: a map that grows and shrinks a little stays as it is. */
  learn(total: number): boolean {
    if (this.total !== undefined && Math.abs(total - this.total) <= this.total / 5) return false;
    this.total = total;
    return true;
  }

  look(sight: Sight, following: boolean): void {
    this.#sight = sight;
    this.following = following;
  }

  /** Moves the view when the camera has left it or zooms. */
  update(): void {
    clearTimeout(this.#timer);
    const sight = this.#sight;
    if (!sight) return;
    const { view, zoom } = this.#options.current();
    const wanted = this.#aimed(sight);
    const pause = Math.max(0, this.#movedAt + MOVE_INTERVAL - performance.now());
    if (!contains(view, sight.screen)) {
      if (pause > 0) this.#after(pause, () => this.#move(wanted));
      else this.#move(wanted);
    } else if (wanted.zoom !== zoom) this.#after(Math.max(pause, REST), () => this.#move(wanted));
    else if (zoom === 0 && !this.following) this.#after(SHRINK_DELAY, () => this.#narrow(wanted));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #aimed(sight: Sight): Aimed {
    const zoom = zoomFor(sight, this.total);
    return { zoom, view: this.following ? PLANE : viewFor(sight, zoom) };
  }

  #after(ms: number, run: () => void): void {
    this.#timer = setTimeout(run, ms);
  }

  #narrow(wanted: Aimed): void {
    const known = this.#options.known();
    if (known > SHRINK_ABOVE && this.#options.tilesIn(wanted.view) * SHRINK_FACTOR < known)
      this.#move(wanted);
  }

  #move(aimed: Aimed): void {
    this.#movedAt = performance.now();
    this.#options.onMove(aimed);
  }
}

/** The view for a screen, with a margin. */
export function viewFor({ screen }: Sight, zoom: number): Rectangle {
  return snapped(widened(screen, zoom > 0 ? AREA_MARGIN : MARGIN), zoom);
}
