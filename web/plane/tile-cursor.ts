import { nearestTile, nextTile, type Direction } from '../map/next-tile.ts';
import { holds, widened, type Rectangle } from '../map/rectangle.ts';
import type { Scene } from '../map/scene.ts';
import type { Plane } from './plane.ts';

/** Below this many pixels a cell is too small to step from one to the next. */
const MIN_ZOOM = 8;
/** How far beyond the screen the next tile is looked for, as a share of it. */
const BEYOND = 1;

export interface TileCursorOptions {
  readonly host: HTMLElement;
  /** The frame around the tile. */
  readonly frame: HTMLElement;
  readonly plane: Plane;
  readonly scene: Scene;
  /** Announces where the cursor is. */
  readonly announce: (text: string) => void;
}

/** The tile that the keyboard is at: arrows go from tile to tile, and the camera follows. */
export class TileCursor {
  readonly #options: TileCursorOptions;
  #at: { readonly x: number; readonly y: number } | undefined;

  constructor(options: TileCursorOptions) {
    this.#options = options;
    for (const event of ['pointerdown', 'wheel'])
      options.host.addEventListener(event, () => this.leave(), { passive: true });
  }

  /** Undefined while the keyboard is at no tile, also when the tile is gone. */
  get cell(): { readonly x: number; readonly y: number } | undefined {
    return this.#at && this.#options.scene.get(this.#at.x, this.#at.y) && this.#at;
  }

  /** Goes to the next tile, the first time to the one in the middle of the screen; false when there is none. */
  move(direction: Direction): boolean {
    const { plane, scene } = this.#options;
    if (scene.areas.zoom > 0 || plane.camera.zoom < MIN_ZOOM) return false;
    const { screen, camera } = plane;
    const from = this.#at && holds(screen, this.#at.x, this.#at.y) ? this.#at : undefined;
    const next = from
      ? nextTile(scene, from, direction, widened(screen, BEYOND))
      : nearestTile(scene, { x: camera.x - 0.5, y: camera.y - 0.5 }, screen);
    if (!next) return false;
    this.#at = next;
    if (!holds(inner(screen), next.x, next.y))
      plane.flyTo({ x: next.x + 0.5, y: next.y + 0.5, zoom: camera.zoom }, 160);
    this.#say();
    return true;
  }

  leave(): void {
    this.#at = undefined;
  }

  /** Draws the frame; `left` and `top` are the cell at the screen's corner, with fractions. */
  update(left: number, top: number, zoom: number): void {
    const { frame } = this.#options;
    frame.hidden = this.#at === undefined;
    if (!this.#at) return;
    const size = Math.max(zoom, MIN_ZOOM);
    const [x, y] = [(this.#at.x + 0.5 - left) * zoom, (this.#at.y + 0.5 - top) * zoom];
    frame.style.transform = `translate(${x - size / 2}px, ${y - size / 2}px)`;
    frame.style.width = frame.style.height = `${size}px`;
  }

  #say(): void {
    const { scene, announce } = this.#options;
    const cell = this.#at && scene.get(this.#at.x, this.#at.y);
    if (cell) announce(`${cell.tile.brick} of ${cell.owner.name}, at ${cell.x}, ${cell.y}`);
  }
}

/** Without a margin: a tile at the edge of the screen may lie under a panel. */
function inner({ x1, y1, x2, y2 }: Rectangle): Rectangle {
  const [dx, dy] = [Math.ceil((x2 - x1) / 4), Math.ceil((y2 - y1) / 4)];
  return { x1: x1 + dx, y1: y1 + dy, x2: x2 - dx, y2: y2 - dy };
}
