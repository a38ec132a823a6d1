import { CHUNK_BITS, chunkKeyOf, vote, type Coarse } from './chunk.ts';
import { Figures } from './figures.ts';
import type { Cell } from './scene.ts';
import { CHANGED, GLOW, STILL, type Scene } from './scene.ts';
import { Quads } from './quads.ts';
import { contains, holds, widened, type Rectangle } from './rectangle.ts';
import type { Theme } from './theme.ts';
import { TILE_FRAGMENT, TILE_VERTEX } from './tile-shader.ts';

/** Pixels; what would be drawn smaller is drawn together. */
const LEAST = 5;
/** Milliseconds between two rebuilds for changes alone, when there is much to draw. */
const PAUSE = 90;
const MUCH = 12_000;
/** Of the screen, on each side: within it one can pan without a rebuild. */
const MARGIN = 0.15;

/** All tiles around the screen in one draw call; from afar several as one square. */
export class TileLayer {
  readonly quads: Quads;
  readonly #scene: Scene;
  readonly #figures = new Figures();
  #built: { area: Rectangle; level: number; version: number; at: number } | undefined;
  #count = 0;
  /** The frame before had tiles. */
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
      textures: { uFigures: this.#figures.source },
    });
  }

  /** Squares of `2^level` cells are what one quad shows. */
  get level(): number {
    return this.#built?.level ?? 0;
  }

  set theme(theme: Theme) {
    this.quads.uniforms['uInk'] = new Float32Array(theme.name === 'dark' ? [1, 1, 1] : theme.ink);
  }

  /** Brings it up to date; `zoom` is pixels a cell, `now` seconds. True when it must be drawn again. */
  update(screen: Rectangle, zoom: number, now: number): boolean {
    const level = Math.min(31, Math.max(0, Math.ceil(Math.log2(LEAST / zoom))));
    this.quads.uniforms['uTime'] = now;
    const built = this.#built;
    const moved = built?.level !== level || !contains(built.area, screen);
    const stale = built !== undefined && built.version !== this.#scene.version;
    const soon = this.#count > MUCH && built !== undefined && (now - built.at) * 1000 < PAUSE;
    if (moved || (stale && !soon)) this.#build(widened(screen, MARGIN), level, now);
    return this.#detail(zoom) || moved || stale || now - this.#scene.lastChange < GLOW;
  }

  /** How clearly the patterns show. True when they have just been made. */
  #detail(zoom: number): boolean {
    const detail = Math.min(1, Math.max(0, (zoom - 9) / 12));
    // Plain tiles are there a twentieth of a second sooner: the patterns come with the frame after.
    const due = detail > 0 && this.#plain && !this.#figures.made;
    if (due) this.#figures.make();
    this.#plain = this.quads.shown > 0;
    this.quads.uniforms['uDetail'] = this.#figures.made ? detail : 0;
    return due;
  }

  #build(area: Rectangle, level: number, now: number): void {
    const { quads } = this;
    // Positions are floats of 24 bits: from the middle of the screen outwards they are exact enough.
    const x = Math.round((area.x1 + area.x2) / 2);
    const y = Math.round((area.y1 + area.y2) / 2);
    quads.mesh.position.set(x, y);
    this.#count = 0;
    if (level === 0)
      for (const chunk of this.#scene.chunks(area)) {
        quads.reserveMore(this.#count, chunk.size);
        // A chunk at the edge reaches far beyond it: all of them hold three times as many cells as the area.
        for (const cell of chunk.cells()) if (holds(area, cell.x, cell.y)) this.#cell(cell, x, y);
      }
    else
      for (const square of this.#squares(area, level)) {
        quads.reserveMore(this.#count, 1);
        this.#square(square, level, x, y);
      }
    const ghosts = this.#scene.ghosts(now);
    quads.reserveMore(this.#count, ghosts.length);
    if (level === 0) for (const ghost of ghosts) if (holds(area, ghost.x, ghost.y)) this.#cell(ghost, x, y);
    quads.show(this.#count);
    this.#built = { area, level, version: this.#scene.version, at: now };
  }

  #squares(area: Rectangle, level: number): Iterable<Coarse> {
    const own = Math.min(level, CHUNK_BITS);
    const lists = Array.from(this.#scene.chunks(area), (chunk) => chunk.coarse(own));
    if (level <= CHUNK_BITS) return lists.flat();
    const joined = new Map<number, Coarse>();
    for (const part of lists.flat()) {
      const [x, y] = [(part.x >> level) << level, (part.y >> level) << level];
      const key = chunkKeyOf(x >> CHUNK_BITS, y >> CHUNK_BITS);
      const square = joined.get(key);
      if (square) vote(square, part.owner, part.count, part.changedAt);
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
    bytes[at + 3] = cell.owner.tones[cell.tone]!;
    floats[at + 4] = cell.pattern;
    floats[at + 5] = cell.change;
    floats[at + 6] = cell.changedAt;
  }

  #square(square: Coarse, level: number, x: number, y: number): void {
    const { floats, bytes, words } = this.quads;
    const at = this.#count++ * words;
    floats[at] = square.x - x;
    floats[at + 1] = square.y - y;
    floats[at + 2] = 2 ** level;
    // The fuller the brighter, but one tile alone is still to be seen.
    const fill = Math.min(1, square.count / 4 ** level);
    const alpha = Math.round(255 * (0.8 + 0.2 * Math.sqrt(fill)));
    bytes[at + 3] = ((square.owner.tones[3]! & 0xffffff) | (alpha << 24)) >>> 0;
    floats[at + 4] = -1;
    floats[at + 5] = square.changedAt > 0 ? CHANGED : STILL;
    floats[at + 6] = square.changedAt;
  }
}
