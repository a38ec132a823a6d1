import { CHUNK_BITS, chunkKeyOf, addTiles, type CoarseSquare } from './chunk.ts';
import { TilePatterns } from './tile-patterns.ts';
import { CHANGED, GLOW_SECONDS, UNCHANGED, type Cell } from './cell.ts';
import type { Scene } from './scene.ts';
import { Quads } from './quads.ts';
import { contains, holds, widened, type Rectangle } from './rectangle.ts';
import type { Theme } from './theme.ts';
import { TILE_FRAGMENT, TILE_VERTEX } from './tile-shader.ts';

/** Tiles smaller than this many pixels are drawn together as squares. */
const MIN_QUAD_PIXELS = 5;
/** Minimum milliseconds between two rebuilds when only tiles changed and there are many quads. */
const REBUILD_INTERVAL = 90;
const MANY_QUADS = 12_000;
/** The layer is built wider than the screen by this share on each side, so that a short pan needs no rebuild. */
const MARGIN = 0.15;

/** Draws all tiles around the screen in one call; zoomed out, several tiles as one square. */
export class TileLayer {
  readonly quads: Quads;
  readonly #scene: Scene;
  readonly #patterns = new TilePatterns();
  #built: { area: Rectangle; level: number; version: number; at: number } | undefined;
  #count = 0;
  /** Tiles were drawn before, without patterns. */
  #plain = false;

  constructor(options: { scene: Scene }) {
    this.#scene = options.scene;
    this.quads = new Quads({
      vertex: TILE_VERTEX,
      fragment: TILE_FRAGMENT,
      attributes: { aCell: 2, aSize: 1, aColour: 'bytes', aPattern: 1, aChange: 2 },
      uniforms: {
        uTime: { value: 0, type: 'f32' },
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
  }

  /** Updates the layer; `zoom` is pixels per cell, `now` is in seconds. Returns whether it must be drawn again. */
  update(screen: Rectangle, zoom: number, now: number): boolean {
    const level = Math.min(31, Math.max(0, Math.ceil(Math.log2(MIN_QUAD_PIXELS / zoom))));
    this.quads.uniforms['uTime'] = now;
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
    else
      for (const square of this.#squares(area, level)) {
        quads.reserveMore(this.#count, 1);
        this.#square(square, level, x, y);
      }
    const fading = this.#scene.fadingTiles(now);
    quads.reserveMore(this.#count, fading.length);
    if (level === 0) for (const cell of fading) if (holds(area, cell.x, cell.y)) this.#cell(cell, x, y);
    quads.show(this.#count);
    this.#built = { area, level, version: this.#scene.version, at: now };
  }

  #squares(area: Rectangle, level: number): Iterable<CoarseSquare> {
    const own = Math.min(level, CHUNK_BITS);
    const lists = Array.from(this.#scene.chunks(area), (chunk) => chunk.coarse(own));
    if (level <= CHUNK_BITS) return lists.flat();
    const joined = new Map<number, CoarseSquare>();
    for (const part of lists.flat()) {
      const [x, y] = [(part.x >> level) << level, (part.y >> level) << level];
      const key = chunkKeyOf(x >> CHUNK_BITS, y >> CHUNK_BITS);
      const square = joined.get(key);
      if (square) addTiles(square, part.owner, part.count, part.changedAt);
      else joined.set(key, { ...part, x, y });
    }
    return joined.values();
  }

  #cell(cell: Cell, x: number, y: number): void {
    const { floats, bytes, words } = this.quads;
    const at = this.#count++ * words;
    floats[at] = cell.x - x;
    floats[at + 1] = cell.y - y;
    floats[at + 2] = 1;
    bytes[at + 3] = cell.owner.shades[cell.shade]!;
    floats[at + 4] = cell.pattern;
    floats[at + 5] = cell.change;
    floats[at + 6] = cell.changedAt;
  }

  #square(square: CoarseSquare, level: number, x: number, y: number): void {
    const { floats, bytes, words } = this.quads;
    const at = this.#count++ * words;
    floats[at] = square.x - x;
    floats[at + 1] = square.y - y;
    floats[at + 2] = 2 ** level;
    // Fuller squares are brighter, but a single tile stays visible.
    const fill = Math.min(1, square.count / 4 ** level);
    const alpha = Math.round(255 * (0.8 + 0.2 * Math.sqrt(fill)));
    bytes[at + 3] = ((square.owner.shades[3]! & 0xffffff) | (alpha << 24)) >>> 0;
    floats[at + 4] = -1;
    floats[at + 5] = square.changedAt > 0 ? CHANGED : UNCHANGED;
    floats[at + 6] = square.changedAt;
  }
}
