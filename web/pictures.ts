import { Container, Sprite, Texture } from 'pixi.js';
import type { Cell } from './cell.ts';
import type { Scene } from './scene.ts';
import type { Rectangle } from './rectangle.ts';

/** Pixels per cell from which pictures are shown instead of patterns. */
const MIN_ZOOM = 14;
/** Limits: pictures on the screen, in memory (more than on the screen, or they would evict each other forever), loading, and known to fail. */
const MAX_SHOWN = 1500;
const MAX_KEPT = 2000;
const MAX_LOADING = 6;
const MAX_FAILED = 5000;

export interface PicturesOptions {
  readonly template: string;
  readonly scene: Scene;
}

/** Shows the bricks' pictures over their patterns. Pictures load as they come into view, the latest first. */
export class Pictures {
  readonly #options: PicturesOptions;
  readonly container = new Container();
  /** Least recently drawn first. */
  readonly #textures = new Map<string, Texture>();
  readonly #failed = new Set<string>();
  readonly #loading = new Set<string>();
  readonly #sprites: Sprite[] = [];
  #wanted: string[] = [];
  /** Pictures loaded so far. The number in memory would not change when the memory is full. */
  #loads = 0;
  #lastKey = '';

  constructor(options: PicturesOptions) {
    this.#options = options;
    this.container.interactiveChildren = false;
  }

  get loaded(): number {
    return this.#textures.size;
  }

  /** Returns whether it must be drawn again. */
  update(screen: Rectangle, zoom: number): boolean {
    const { x1, y1, x2, y2 } = screen;
    const key =
      zoom < MIN_ZOOM ? '' : `${x1},${y1},${x2},${y2},${this.#options.scene.version},${this.#loads}`;
    if (key === this.#lastKey) return false;
    this.#lastKey = key;
    let used = 0;
    this.#wanted = [];
    if (key !== '') {
      this.container.position.set(x1, y1);
      for (const chunk of this.#options.scene.chunks(screen))
        for (const cell of chunk.cells()) {
          if (cell.x < x1 || cell.x > x2 || cell.y < y1 || cell.y > y2 || used === MAX_SHOWN) continue;
          const texture = this.#textureOf(cell.tile.brick);
          if (texture) this.#place(used++, cell, texture, x1, y1);
        }
    }
    for (const sprite of this.#sprites.slice(used)) sprite.visible = false;
    this.#load();
    return true;
  }

  #textureOf(brick: string): Texture | undefined {
    const texture = this.#textures.get(brick);
    if (texture) {
      this.#textures.delete(brick);
      this.#textures.set(brick, texture);
    } else if (!this.#failed.has(brick)) this.#wanted.push(brick);
    return texture;
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
    sprite.alpha = owner.stale ? 0.35 : 1;
    sprite.visible = true;
  }

  #load(): void {
    while (this.#loading.size < MAX_LOADING) {
      const brick = this.#wanted.pop();
      if (brick === undefined) return;
      if ([this.#textures, this.#failed, this.#loading].some((set) => set.has(brick))) continue;
      this.#loading.add(brick);
      void this.#fetch(brick).finally(() => {
        this.#loading.delete(brick);
        this.#load();
      });
    }
  }

  async #fetch(brick: string): Promise<void> {
    const image = new Image();
    image.crossOrigin = 'anonymous';
    image.src = pictureUrl(this.#options.template, brick);
    try {
      await image.decode();
      this.#textures.set(brick, Texture.from(image));
      this.#loads += 1;
      if (this.#textures.size > MAX_KEPT) this.#dropOldest();
    } catch {
      // The picture does not exist or is invalid: the pattern stays.
      if (this.#failed.size >= MAX_FAILED) this.#failed.clear();
      this.#failed.add(brick);
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#textures;
    if (!oldest) return;
    this.#textures.delete(oldest[0]);
    for (const sprite of this.#sprites) if (sprite.texture === oldest[1]) sprite.texture = Texture.EMPTY;
    oldest[1].destroy(true);
  }
}

/** `{brick}` stands for the name; a template without it is a folder. */
export function pictureUrl(template: string, brick: string): string {
  const name = encodeURIComponent(brick);
  return template.includes('{brick}')
    ? template.replaceAll('{brick}', name)
    : `${template.replace(/\/$/, '')}/${name}`;
}
