// Without this import Pixi compiles functions from text, which the Content-Security-Policy forbids.
import 'pixi.js/unsafe-eval';
import { Container, WebGLRenderer } from 'pixi.js';
import { Viewport } from 'pixi-viewport';
import { cellsOn, type Camera } from '../map/camera.ts';
import type { Sight, Size } from '../map/aim.ts';
import { contains, type Rectangle } from '../map/rectangle.ts';

/** Pixels per cell. */
const MAX_ZOOM = 240;
const MIN_ZOOM = 1e-7;
/** Below it a single cell is a dot. */
const CLEAR_ZOOM = 8;
const FLIGHT_MS = 650;

/** Pixels at each edge of the screen that panels cover. */
export interface Insets {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The canvas and its camera. One world unit is a cell; y grows downwards. */
export class Plane {
  readonly viewport: Viewport;
  /** Drawn below the viewport, in screen pixels. */
  readonly below = new Container();
  readonly #renderer: WebGLRenderer;
  readonly #stage = new Container();
  readonly #host: HTMLElement;
  readonly #covered: () => Insets;
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  /** Where a flight under way ends. */
  #destination: Camera | undefined;
  #resized = true;
  #last = '';

  private constructor(host: HTMLElement, covered: () => Insets, renderer: WebGLRenderer) {
    this.#host = host;
    this.#covered = covered;
    this.#renderer = renderer;
    this.viewport = new Viewport({
      screenWidth: host.clientWidth,
      screenHeight: host.clientHeight,
      events: renderer.events,
      passiveWheel: false,
      noTicker: true,
    });
    this.viewport
      .drag()
      .pinch()
      .wheel({ smooth: 5, percent: 0.2 })
      .decelerate({ friction: 0.93 })
      .clampZoom({ minScale: MIN_ZOOM, maxScale: MAX_ZOOM });
    this.viewport.interactiveChildren = false;
    this.#stage.addChild(this.below, this.viewport);
    host.append(renderer.canvas);
    // The host element carries the accessible name.
    renderer.canvas.setAttribute('aria-hidden', 'true');
    // A restored WebGL context is empty; without a forced drawing the map would stay blank.
    renderer.canvas.addEventListener('webglcontextrestored', () => (this.#last = ''));
    new ResizeObserver(() => (this.#resized = true)).observe(host);
  }

  /** Rejects where there is no WebGL 2. */
  static async open(host: HTMLElement, covered: () => Insets): Promise<Plane> {
    const renderer = new WebGLRenderer();
    await renderer.init({
      width: host.clientWidth,
      height: host.clientHeight,
      resolution: Math.min(devicePixelRatio, 2),
      autoDensity: true,
      antialias: false,
      backgroundAlpha: 0,
      preferWebGLVersion: 2,
      preserveDrawingBuffer: false,
    });
    if (!(renderer.gl instanceof WebGL2RenderingContext)) throw new Error('there is no WebGL 2');
    return new Plane(host, covered, renderer);
  }

  /** What is drawn on, and takes what pointers do. */
  get canvas(): HTMLCanvasElement {
    return this.#renderer.canvas;
  }

  get camera(): Camera {
    const { left, top, right, bottom, scaled } = this.viewport;
    return { x: (left + right) / 2, y: (top + bottom) / 2, zoom: scaled };
  }

  /** Where a flight under way ends; else where the camera is. */
  get heading(): Camera {
    return this.#destination ?? this.camera;
  }

  /** The cells on the screen. */
  get screen(): Rectangle {
    return this.#cellsOf(this.camera);
  }

  #cellsOf(camera: Camera): Rectangle {
    return cellsOn(camera, this.width, this.height);
  }

  /** What the camera sees, or, while it zooms out, will see: then that is there in time. */
  get sight(): Sight {
    const { camera, screen } = this;
    const end = this.#destination && {
      screen: this.#cellsOf(this.#destination),
      pixels: this.#destination.zoom,
    };
    return end && contains(end.screen, screen) ? end : { screen, pixels: camera.zoom };
  }

  get width(): number {
    return this.viewport.screenWidth;
  }

  get height(): number {
    return this.viewport.screenHeight;
  }

  /** Of the part of the screen that no panel covers. */
  get free(): Size {
    const { left, top, right, bottom } = this.#covered();
    return { width: this.width - left - right, height: this.height - top - bottom };
  }

  jumpTo({ x, y, zoom }: Camera): void {
    this.viewport.plugins.remove('animate');
    this.#destination = undefined;
    this.viewport.setZoom(clamped(zoom));
    this.viewport.moveCenter(x, y);
  }

  /** Animates to a camera, unless the user prefers reduced motion. */
  flyTo({ x, y, zoom }: Camera, time = FLIGHT_MS): void {
    if (this.#reducedMotion.matches) return this.jumpTo({ x, y, zoom });
    const from = this.camera;
    // A distant flight starts a few screens before its end: a flight over thousands of screens shows nothing.
    const most = (3 * this.width) / Math.min(from.zoom, zoom);
    const far = Math.hypot(x - from.x, y - from.y);
    if (far > most)
      this.jumpTo({
        x: x - ((x - from.x) / far) * most,
        y: y - ((y - from.y) / far) * most,
        zoom: from.zoom,
      });
    this.#destination = { x, y, zoom: clamped(zoom) };
    this.viewport.animate({
      position: { x, y },
      scale: clamped(zoom),
      time,
      ease: 'easeInOutCubic',
      removeOnInterrupt: true,
    });
  }

  pan(dx: number, dy: number): void {
    const { x, y, zoom } = this.camera;
    this.flyTo({ x: x + (dx * this.width) / zoom, y: y + (dy * this.height) / zoom, zoom }, 160);
  }

  zoomBy(factor: number): void {
    const { x, y, zoom } = this.camera;
    this.flyTo({ x, y, zoom: zoom * factor }, 180);
  }

  /** The camera that fits `area` into the uncovered part of the screen. */
  cameraFor(area: Rectangle, most = 48): Camera {
    const [wide, high] = [area.x2 - area.x1 + 1, area.y2 - area.y1 + 1];
    const { left, top, right, bottom } = this.#covered();
    const { width: free, height: freeHeight } = this.free;
    const zoom = clamped(Math.min(free / wide, freeHeight / high, most));
    const x = area.x1 + wide / 2 - (left - right) / 2 / zoom;
    const y = area.y1 + high / 2 - (top - bottom) / 2 / zoom;
    return { x, y, zoom };
  }

  /** Whether `area` can be made out, and no panel covers it. */
  isClear(area: Rectangle): boolean {
    return this.heading.zoom >= CLEAR_ZOOM && this.isOnScreen(area) && this.cameraShowing(area) === undefined;
  }

  /** Whether all of `area` is on the screen, be it under a panel, or will be after a flight. */
  isOnScreen(area: Rectangle): boolean {
    return contains(this.#cellsOf(this.heading), area);
  }

  /** The camera moved just so far that no panel covers `area`; undefined when none does, or it does not fit. */
  cameraShowing(area: Rectangle): Camera | undefined {
    const { x, y, zoom } = this.heading;
    const { left, top, right, bottom } = this.#covered();
    const dx = shiftInto(
      area.x1,
      area.x2 + 1,
      x - (this.width / 2 - left) / zoom,
      x + (this.width / 2 - right) / zoom,
    );
    const dy = shiftInto(
      area.y1,
      area.y2 + 1,
      y - (this.height / 2 - top) / zoom,
      y + (this.height / 2 - bottom) / zoom,
    );
    return dx === 0 && dy === 0 ? undefined : { x: x + dx, y: y + dy, zoom };
  }

  /** The camera with `area` in the middle of the uncovered part: as near as it is now, or so far that all of it is seen. */
  cameraAt(area: Rectangle): Camera {
    return this.cameraFor(area, this.camera.zoom);
  }

  /** Advances animations by `elapsed` ms; returns whether the camera or the size changed. */
  advance(elapsed: number): boolean {
    if (this.#resized) {
      this.#resized = false;
      const { clientWidth, clientHeight } = this.#host;
      const { camera } = this;
      this.#renderer.resize(clientWidth, clientHeight);
      this.viewport.resize(clientWidth, clientHeight);
      this.jumpTo(camera);
      this.#last = '';
    }
    this.viewport.update(elapsed);
    if (!this.viewport.plugins.get('animate')) this.#destination = undefined;
    const { x, y } = this.viewport.position;
    const here = `${x},${y},${this.viewport.scaled}`;
    const moved = here !== this.#last;
    this.#last = here;
    return moved;
  }

  draw(): void {
    this.#renderer.render(this.#stage);
  }
}

function clamped(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}

/** How far a screen from `begin` to `end` has to move to show all from `from` to `to`; 0 when it cannot. */
function shiftInto(from: number, to: number, begin: number, end: number): number {
  if (to - from > end - begin) return 0;
  if (from < begin) return from - begin;
  return to > end ? to - end : 0;
}
