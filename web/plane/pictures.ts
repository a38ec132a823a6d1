import { Container, Sprite, Texture } from 'pixi.js';
import type { Cell } from '../map/cell.ts';
import { loadPicture } from './picture-loader.ts';
import type { Scene } from '../map/scene.ts';
import { holds, type Rectangle } from '../map/rectangle.ts';

/** Pixels per cell from which pictures are shown instead of patterns. */
const MIN_ZOOM = 14;
/** Limits: pictures on the screen, in memory (more than on the screen, or they would evict each other forever), loading, and known to fail. */
const MAX_SHOWN = 1500;
const MAX_KEPT = 2000;
const MAX_LOADING = 12;
const MAX_FAILED = 5000;
/** Minimum milliseconds between two drawings for pictures that have loaded: while hundreds load, the page is not to draw for each. */
const LOADS_INTERVAL = 150;

/** A picture, as it was when a tile of this timestamp was written: a brick that is written again may look different. */
interface Kept {
  readonly texture: Texture;
  readonly timestamp: number;
}

interface Wanted {
  readonly brick: string;
  readonly timestamp: number;
}

export interface PicturesOptions {
  readonly template: string;
  readonly scene: Scene;
}

/** Shows the bricks' pictures over their patterns. Pictures load as they come into view, the latest first, and again for newer tiles. */
export class Pictures {
  readonly #options: PicturesOptions;
  readonly container = new Container();
  /** By brick, least recently drawn first. */
  readonly #kept = new Map<string, Kept>();
  /** By brick: the newest timestamp for which there was none. */
  readonly #failed = new Map<string, number>();
  readonly #loading = new Set<string>();
  readonly #sprites: Sprite[] = [];
  #wanted: Wanted[] = [];
  /** Pictures loaded so far. The number in memory would not change when the memory is full. */
  #loads = 0;
  /** Those that have been drawn, and when. */
  #drawn = { loads: 0, at: -Infinity };
  #lastKey = '';

  constructor(options: PicturesOptions) {
    this.#options = options;
    this.container.interactiveChildren = false;
  }

  get loaded(): number {
    return this.#kept.size;
  }

  /** Returns whether it must be drawn again. */
  update(screen: Rectangle, zoom: number): boolean {
    const { x1, y1, x2, y2 } = screen;
    const at = performance.now();
    if (at - this.#drawn.at >= LOADS_INTERVAL) this.#drawn = { loads: this.#loads, at };
    const key =
      zoom < MIN_ZOOM ? '' : `${x1},${y1},${x2},${y2},${this.#options.scene.version},${this.#drawn.loads}`;
    if (key === this.#lastKey) return false;
    this.#lastKey = key;
    let used = 0;
    this.#wanted = [];
    if (key !== '') {
      this.container.position.set(x1, y1);
      const cells = this.#cellsOn(screen);
      const newest = new Map<string, number>();
      for (const { tile } of cells)
        newest.set(tile.brick, Math.max(newest.get(tile.brick) ?? -Infinity, tile.timestamp));
      for (const [brick, timestamp] of newest) this.#want(brick, timestamp);
      for (const cell of cells) {
        const kept = this.#kept.get(cell.tile.brick);
        if (kept) this.#place(used++, cell, kept.texture, x1, y1);
      }
    }
    for (const sprite of this.#sprites.slice(used)) sprite.visible = false;
    this.#load();
    return true;
  }

  #cellsOn(screen: Rectangle): Cell[] {
    const cells: Cell[] = [];
    for (const chunk of this.#options.scene.chunks(screen))
      for (const cell of chunk.cells()) {
        if (cells.length === MAX_SHOWN) return cells;
        if (holds(screen, cell.x, cell.y)) cells.push(cell);
      }
    return cells;
  }

  /** A brick is on the screen whose newest tile there has this timestamp. */
  #want(brick: string, timestamp: number): void {
    const kept = this.#kept.get(brick);
    if (kept) {
      this.#kept.delete(brick);
      this.#kept.set(brick, kept);
    }
    if (!this.#isKnown({ brick, timestamp })) this.#wanted.push({ brick, timestamp });
  }

  #isKnown({ brick, timestamp }: Wanted): boolean {
    const known = Math.max(
      this.#kept.get(brick)?.timestamp ?? -Infinity,
      this.#failed.get(brick) ?? -Infinity,
    );
    return timestamp <= known;
  }

  #place(index: number, { x, y, owner }: Cell, texture: Texture, left: number, top: number): void {
    let sprite = this.#sprites[index];
    if (!sprite) {
      sprite = new Sprite();
      this.#sprites.push(sprite);
      this.container.addChild(sprite);
    }
    sprite.texture = texture;
    sprite.position.set(x - left + 0.03, y - top + 0.03);
    sprite.setSize(0.94, 0.94);
    sprite.alpha = owner.stale || owner.pale ? 0.35 : 1;
    sprite.visible = true;
  }

  #load(): void {
    while (this.#loading.size < MAX_LOADING) {
      const wanted = this.#wanted.pop();
      if (!wanted) return;
      // It may have come or failed since it was wanted. One that loads for an older tile is wanted again in the next drawing.
      if (this.#loading.has(wanted.brick) || this.#isKnown(wanted)) continue;
      this.#loading.add(wanted.brick);
      void this.#fetch(wanted).finally(() => {
        this.#loading.delete(wanted.brick);
        this.#load();
      });
    }
  }

  async #fetch({ brick, timestamp }: Wanted): Promise<void> {
    try {
      const picture = await loadPicture(pictureUrl(this.#options.template, brick, timestamp));
      this.#drop(brick);
      this.#kept.set(brick, { texture: Texture.from(picture), timestamp });
      if (this.#kept.size > MAX_KEPT) this.#drop(this.#kept.keys().next().value!);
    } catch {
      // There is none: the pattern stays, or the picture of an older tile.
      if (this.#failed.size >= MAX_FAILED) this.#failed.clear();
      this.#failed.set(brick, timestamp);
    }
    this.#loads += 1;
  }

  #drop(brick: string): void {
    const kept = this.#kept.get(brick);
    if (!kept) return;
    this.#kept.delete(brick);
    for (const sprite of this.#sprites) if (sprite.texture === kept.texture) sprite.texture = Texture.EMPTY;
    kept.texture.destroy(true);
  }
}

/** `{brick}` stands for the name; a template without it is a folder. The timestamp gets past what is kept of an older picture. */
export function pictureUrl(template: string, brick: string, timestamp: number): string {
  const name = encodeURIComponent(brick);
  const url = template.includes('{brick}')
    ? template.replaceAll('{brick}', name)
    : `${template.replace(/\/$/, '')}/${name}`;
  const hash = url.indexOf('#');
  const [address, rest] = hash < 0 ? [url, ''] : [url.slice(0, hash), url.slice(hash)];
  return `${address}${address.includes('?') ? '&' : '?'}t=${timestamp}${rest}`;
}
