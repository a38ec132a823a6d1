import { cssOf } from '../colours/colour.ts';
import type { Palette } from '../colours/palette.ts';
import type { PlaneOverview } from '../map/plane-overview.ts';
import { densityOf } from '../map/square.ts';
import { MinimapGeometry } from './minimap-geometry.ts';
import type { Plane } from './plane.ts';

const KEY = 'compositord.minimap';
/** Milliseconds between two looks for something new. */
const INTERVAL = 1000;
/** A square is this many pixels wide at least. */
const LEAST = 2;
/** Below this width of the window it is folded, until somebody opens it. */
const NARROW = 720;

export interface MinimapOptions {
  readonly root: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly frame: HTMLElement;
  readonly fold: HTMLElement;
  readonly plane: Plane;
  readonly palette: Palette;
  readonly overview: PlaneOverview;
  /** Somebody moves the map here. */
  readonly onMove: () => void;
}

/** The whole plane in a corner, with a frame around what is on the screen. A click or a drag moves the map there. */
export class Minimap {
  readonly #options: MinimapOptions;
  #geometry: MinimapGeometry | undefined;
  #folded = isFolded();
  /** Of the pointer from the middle of the frame, while it drags it. */
  #grip: { readonly x: number; readonly y: number } | undefined;

  constructor(options: MinimapOptions) {
    this.#options = options;
    const { canvas, fold, overview } = options;
    overview.onChange = () => this.draw();
    fold.addEventListener('click', () => {
      this.#fold(!this.#folded);
      keepFolded(this.#folded);
    });
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || !this.#geometry) return;
      canvas.setPointerCapture(event.pointerId);
      this.#grip = this.#gripAt(event.offsetX, event.offsetY);
      this.#moveTo(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (this.#grip) this.#moveTo(event);
    });
    for (const end of ['pointerup', 'pointercancel'])
      canvas.addEventListener(end, () => (this.#grip = undefined));
  }

  start(): void {
    this.#fold(this.#folded);
    setInterval(() => this.#refresh(), INTERVAL);
  }

  /** Moves the frame with the camera. */
  update(): void {
    if (this.#folded || !this.#geometry) return;
    const { frame, plane } = this.#options;
    const { left, top, right, bottom } = plane.viewport;
    const { x, y, width, height } = this.#geometry.frameOf(left, top, right, bottom);
    frame.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    frame.style.width = `${width.toFixed(1)}px`;
    frame.style.height = `${height.toFixed(1)}px`;
  }

  /** Draws all squares; also after a change of colours. */
  draw(): void {
    const { root, canvas, overview } = this.#options;
    const { state } = overview;
    // Folded, it has only its button.
    root.hidden = !state && !this.#folded;
    this.#geometry = undefined;
    if (!state || this.#folded) return;
    const size = { width: canvas.clientWidth, height: canvas.clientHeight };
    const sharp = Math.min(devicePixelRatio, 2);
    canvas.width = size.width * sharp;
    canvas.height = size.height * sharp;
    const paint = canvas.getContext('2d')!;
    paint.scale(sharp, sharp);
    const geometry = (this.#geometry = new MinimapGeometry(state.bounds, size));
    const side = state.side * geometry.scale;
    // On whole pixels of the screen: between squares side by side there would be seams.
    const whole = (n: number) => Math.round(n * sharp) / sharp;
    let most = 1;
    for (const { count } of state.squares) most = Math.max(most, count);
    for (const { x, y, count, shares } of state.squares) {
      const place = geometry.placeOf(x, y);
      const [left, top] = place.map(whole) as [number, number];
      paint.globalAlpha = 0.5 + 0.5 * densityOf(count, most);
      paint.fillStyle = cssOf(shares[0]!.owner.colour);
      paint.fillRect(
        left,
        top,
        Math.max(LEAST, whole(place[0] + side) - left),
        Math.max(LEAST, whole(place[1] + side) - top),
      );
    }
    this.update();
  }

  #refresh(): void {
    if (!this.#folded && !document.hidden) void this.#options.overview.update(performance.now());
  }

  #fold(folded: boolean): void {
    const { root, fold } = this.#options;
    this.#folded = folded;
    root.classList.toggle('folded', folded);
    fold.setAttribute('aria-expanded', String(!folded));
    fold.setAttribute('aria-label', folded ? 'Show the overview map' : 'Hide the overview map');
    this.draw();
    this.#refresh();
  }

  /** A drag that begins in the frame keeps its place in it; one beside it begins with the frame's middle there. */
  #gripAt(x: number, y: number): { x: number; y: number } {
    const { left, top, right, bottom } = this.#options.plane.viewport;
    const frame = this.#geometry!.frameOf(left, top, right, bottom);
    const [dx, dy] = [x - frame.x - frame.width / 2, y - frame.y - frame.height / 2];
    const isInside = Math.abs(dx) <= frame.width / 2 && Math.abs(dy) <= frame.height / 2;
    return isInside ? { x: dx, y: dy } : { x: 0, y: 0 };
  }

  #moveTo({ offsetX, offsetY }: PointerEvent): void {
    const { plane, onMove } = this.#options;
    const { zoom } = plane.camera;
    const [x, y] = this.#geometry!.cellAt(offsetX - this.#grip!.x, offsetY - this.#grip!.y);
    onMove();
    plane.jumpTo({ x, y, zoom });
  }
}

function isFolded(): boolean {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === null ? innerWidth < NARROW : kept === 'folded';
  } catch {
    return innerWidth < NARROW;
  }
}

function keepFolded(folded: boolean): void {
  try {
    localStorage.setItem(KEY, folded ? 'folded' : 'open');
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}
