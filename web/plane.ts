// Without it Pixi makes functions out of text, which the Content-Security-Policy forbids.
import 'pixi.js/unsafe-eval';
import { Container, WebGLRenderer } from 'pixi.js';
import { Viewport } from 'pixi-viewport';
import { cellsOn, type Camera } from './camera.ts';
import type { Rectangle } from './rectangle.ts';

/** Pixels a cell. */
const NEAREST = 240;
const FARTHEST = 1e-7;
const FLIGHT = 650;

/** Pixels of the screen, from each edge, that something else covers. */
export interface Covered {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The canvas, and where one looks. A world unit is a cell; y grows downwards. */
export class Plane {
  readonly viewport: Viewport;
  /** Below and above the viewport, in pixels of the screen. */
  readonly below = new Container();
  readonly #renderer: WebGLRenderer;
  readonly #stage = new Container();
  readonly #host: HTMLElement;
  readonly #covered: () => Covered;
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #resized = true;
  #last = '';

  private constructor(host: HTMLElement, covered: () => Covered, renderer: WebGLRenderer) {
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
      .clampZoom({ minScale: FARTHEST, maxScale: NEAREST });
    this.viewport.interactiveChildren = false;
    this.#stage.addChild(this.below, this.viewport);
    host.append(renderer.canvas);
    // The canvas has no name of its own: its host has.
    renderer.canvas.setAttribute('aria-hidden', 'true');
    // A graphics card that was away has forgotten all; without a reason to draw, the map would stay blank.
    renderer.canvas.addEventListener('webglcontextrestored', () => (this.#last = ''));
    new ResizeObserver(() => (this.#resized = true)).observe(host);
  }

  /** Rejects where there is no WebGL 2. */
  static async open(host: HTMLElement, covered: () => Covered): Promise<Plane> {
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

  get camera(): Camera {
    const { left, top, right, bottom, scaled } = this.viewport;
    return { x: (left + right) / 2, y: (top + bottom) / 2, zoom: scaled };
  }

  /** The cells on the screen. */
  get screen(): Rectangle {
    return cellsOn(this.camera, this.width, this.height);
  }

  get width(): number {
    return this.viewport.screenWidth;
  }

  get height(): number {
    return this.viewport.screenHeight;
  }

  look({ x, y, zoom }: Camera): void {
    this.viewport.plugins.remove('animate');
    this.viewport.setZoom(clamped(zoom));
    this.viewport.moveCenter(x, y);
  }

  /** The same, as a flight, unless whoever looks wants no motion. */
  fly({ x, y, zoom }: Camera, time = FLIGHT): void {
    if (this.#still.matches) return this.look({ x, y, zoom });
    const from = this.camera;
    // Far away it starts where the last screens begin: a flight over thousands of screens shows nothing.
    const most = (3 * this.width) / Math.min(from.zoom, zoom);
    const far = Math.hypot(x - from.x, y - from.y);
    if (far > most)
      this.look({ x: x - ((x - from.x) / far) * most, y: y - ((y - from.y) / far) * most, zoom: from.zoom });
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
    this.fly({ x: x + (dx * this.width) / zoom, y: y + (dy * this.height) / zoom, zoom }, 160);
  }

  zoomBy(factor: number): void {
    const { x, y, zoom } = this.camera;
    this.fly({ x, y, zoom: zoom * factor }, 180);
  }

  /** The camera that has all of `area` on the part of the screen that nothing covers. */
  cameraFor(area: Rectangle, most = 48): Camera {
    const [wide, high] = [area.x2 - area.x1 + 1, area.y2 - area.y1 + 1];
    const { left, top, right, bottom } = this.#covered();
    const zoom = clamped(
      Math.min((this.width - left - right) / wide, (this.height - top - bottom) / high, most),
    );
    const x = area.x1 + wide / 2 - (left - right) / 2 / zoom;
    const y = area.y1 + high / 2 - (top - bottom) / 2 / zoom;
    return { x, y, zoom };
  }

  /** Moves on by `elapsed` ms; true when something is elsewhere than before. */
  advance(elapsed: number): boolean {
    if (this.#resized) {
      this.#resized = false;
      const { clientWidth, clientHeight } = this.#host;
      const { camera } = this;
      this.#renderer.resize(clientWidth, clientHeight);
      this.viewport.resize(clientWidth, clientHeight);
      this.look(camera);
      this.#last = '';
    }
    this.viewport.update(elapsed);
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
  return Math.min(NEAREST, Math.max(FARTHEST, zoom));
}
