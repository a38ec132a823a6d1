import { densityOf, stripesOf, type Square } from '../map/square.ts';
import { TilePatterns } from './tile-patterns.ts';
import { CHANGED, GLOW_SECONDS, UNCHANGED, type Cell } from '../map/cell.ts';
import type { Scene } from '../map/scene.ts';
import { Quads } from './quads.ts';
import { contains, holds, widened, type Rectangle } from '../map/rectangle.ts';
import type { Theme } from '../colours/theme.ts';
import { mixed } from '../../src/pattern/colour.ts';
import { packed } from '../colours/colour.ts';
import { SPANS, TILE_FRAGMENT, TILE_VERTEX } from './tile-shader.ts';

/** Tiles smaller than this many pixels are drawn together as squares. */
const MIN_QUAD_PIXELS = 5;
/** Minimum milliseconds between two rebuilds when only tiles changed and there are many quads. */
const REBUILD_INTERVAL = 90;
const MANY_QUADS = 12_000;
/** How opaque and how wide a square with hardly a tile is, beside a full one. */
const FAINTEST = 0.45;
const SMALLEST = 0.36;
/** Squares with fewer tiles than this are never the measure of a full one. */
const FEW = 64;
/** The layer is built wider than the screen by this share on each side, so that a short pan needs no rebuild. */
const MARGIN = 0.15;

/** Draws all tiles around the screen in one call; zoomed out, several tiles or an area as one square. */
export class TileLayer {
  readonly quads: Quads;
  readonly #scene: Scene;
  readonly #patterns = new TilePatterns();
  #built: { area: Rectangle; level: number; version: number; at: number } | undefined;
  #count = 0;
  /** Tiles were drawn before, without patterns. */
  #plain = false;
  /** The colour of those who have few of a square's tiles. */
  #others = 0;

  constructor(options: { scene: Scene }) {
    this.#scene = options.scene;
    this.quads = new Quads({
      vertex: TILE_VERTEX,
      fragment: TILE_FRAGMENT,
      attributes: { aCell: 2, aSpan: 1, aColour: 'bytes', aPattern: 1, aChange: 2 },
      uniforms: {
        uTime: { value: 0, type: 'f32' },
        uSide: { value: 1, type: 'f32' },
        uZoom: { value: 1, type: 'f32' },
        uDetail: { value: 0, type: 'f32' },
        uInk: { value: new Float32Array(3), type: 'vec3<f32>' },
      },
      textures: { uPatterns: this.#patterns.source },
    });
  }

  /** One quad shows a square of `2^level` cells. */
  get level(): number {
    return this.#built?.level ?? 0;
  }

  set theme(theme: Theme) {
    this.quads.uniforms['uInk'] = new Float32Array(theme.name === 'dark' ? [1, 1, 1] : theme.ink);
    this.#others = packed(mixed(theme.ink, theme.paper, 0.5));
  }

  /** Updates the layer; `zoom` is pixels per cell, `now` is in seconds. Returns whether it must be drawn again. */
  update(screen: Rectangle, zoom: number, now: number): boolean {
    const fit = Math.min(31, Math.max(0, Math.ceil(Math.log2(MIN_QUAD_PIXELS / zoom))));
    const level = Math.max(this.#scene.areas.zoom, fit);
    this.quads.uniforms['uTime'] = now;
    this.quads.uniforms['uZoom'] = zoom;
    const built = this.#built;
    const moved = built?.level !== level || !contains(built.area, screen);
    const stale = built !== undefined && built.version !== this.#scene.version;
    const soon =
      this.#count > MANY_QUADS && built !== undefined && (now - built.at) * 1000 < REBUILD_INTERVAL;
    if (moved || (stale && !soon)) this.#build(widened(screen, MARGIN), level, now);
    return this.#detail(zoom) || moved || stale || now - this.#scene.lastChange < GLOW_SECONDS;
  }

  /** Sets how clearly the patterns show. Returns true when it has just rendered them. */
  #detail(zoom: number): boolean {
    const detail = Math.min(1, Math.max(0, (zoom - 9) / 12));
    // Plain tiles appear 50 ms sooner; the patterns follow in the next drawing.
    const due = detail > 0 && this.#plain && !this.#patterns.rendered;
    if (due) this.#patterns.render();
    this.#plain = this.quads.count > 0;
    this.quads.uniforms['uDetail'] = this.#patterns.rendered ? detail : 0;
    return due;
  }

  #build(area: Rectangle, level: number, now: number): void {
    const { quads } = this;
    // Positions are 24-bit floats: relative to the middle of the screen they are exact enough.
    const x = Math.round((area.x1 + area.x2) / 2);
    const y = Math.round((area.y1 + area.y2) / 2);
    quads.mesh.position.set(x, y);
    this.#count = 0;
    if (level === 0)
      for (const chunk of this.#scene.chunks(area)) {
        quads.reserveMore(this.#count, chunk.size);
        // Chunks reach beyond the area: together they hold about three times as many cells.
        for (const cell of chunk.cells()) if (holds(area, cell.x, cell.y)) this.#cell(cell, x, y);
      }
    else {
      const squares = [...this.#scene.squares(area, level)];
      let most = FEW;
      for (const { count } of squares) most = Math.max(most, count);
      for (const square of squares) this.#square(square, Math.min(most, 4 ** level), x, y);
    }
    quads.uniforms['uSide'] = 2 ** level;
    const fading = this.#scene.fadingTiles(now);
    quads.reserveMore(this.#count, fading.length);
    if (level === 0) for (const cell of fading) if (holds(area, cell.x, cell.y)) this.#cell(cell, x, y);
    quads.show(this.#count);
    this.#built = { area, level, version: this.#scene.version, at: now };
  }

  #cell(cell: Cell, x: number, y: number): void {
    const { floats, bytes, words } = this.quads;
    const at = this.#count++ * words;
    floats[at] = cell.x - x;
    floats[at + 1] = cell.y - y;
    floats[at + 2] = SPANS;
    bytes[at + 3] = cell.owner.shades[cell.shade]!;
    floats[at + 4] = cell.pattern;
    floats[at + 5] = cell.change;
    floats[at + 6] = cell.changedAt;
  }

  /** A stripe for each owner, as wide as its share; fuller squares are wider and brighter. */
  #square(square: Square, most: number, x: number, y: number): void {
    const { quads } = this;
    const density = densityOf(square.count, most);
    const alpha = Math.round(255 * (FAINTEST + (1 - FAINTEST) * density)) << 24;
    const stripes = stripesOf(square);
    quads.reserveMore(this.#count, stripes.length);
    const { floats, bytes, words } = quads;
    let from = 0;
    for (const [i, { owner, width }] of stripes.entries()) {
      const at = this.#count++ * words;
      const to = i === stripes.length - 1 ? SPANS : Math.round(from + width * SPANS);
      const colour = owner?.shades[3] ?? this.#others;
      floats[at] = square.x - x;
      floats[at + 1] = square.y - y;
      floats[at + 2] = from * (SPANS + 1) + to;
      bytes[at + 3] = ((colour & 0xffffff) | alpha) >>> 0;
      floats[at + 4] = -(SMALLEST + (1 - SMALLEST) * density);
      floats[at + 5] = square.changedAt > 0 ? CHANGED : UNCHANGED;
      floats[at + 6] = square.changedAt;
      from = to;
    }
  }
}
