import { Container, Sprite, Texture } from 'pixi.js';
import type { Cell, Scene } from './scene.ts';
import type { Rectangle } from './rectangle.ts';

/** Pixels a cell from which a picture says more than a pattern. */
const LEAST = 14;
/** At once on the screen, in memory (more, or what is on the screen would push itself out for ever), and on their way. */
const SHOWN = 1500;
const KEPT = 2000;
const LOADING = 6;
const FAILED = 5000;

/** The bricks' pictures over their patterns, where there are any: loaded as they come into view, the newest wish first. */
export class Pictures {
  readonly container = new Container();
  readonly #template: string;
  readonly #scene: Scene;
  /** Least recently drawn first. */
  readonly #textures = new Map<string, Texture>();
  readonly #failed = new Set<string>();
  readonly #loading = new Set<string>();
  readonly #sprites: Sprite[] = [];
  #wanted: string[] = [];
  /** Pictures that have come. Their number in memory does not tell: when it is full, each takes another's place. */
  #loads = 0;
  #key = '';

  constructor(options: { template: string; scene: Scene }) {
    this.#template = options.template;
    this.#scene = options.scene;
    this.container.interactiveChildren = false;
  }

  get loaded(): number {
    return this.#textures.size;
  }

  /** True when it must be drawn again. */
  update(screen: Rectangle, zoom: number): boolean {
    const { x1, y1, x2, y2 } = screen;
    const key = zoom < LEAST ? '' : `${x1},${y1},${x2},${y2},${this.#scene.version},${this.#loads}`;
    if (key === this.#key) return false;
    this.#key = key;
    let used = 0;
    this.#wanted = [];
    if (key !== '') {
      this.container.position.set(x1, y1);
      for (const chunk of this.#scene.chunks(screen))
        for (const cell of chunk.cells()) {
          if (cell.x < x1 || cell.x > x2 || cell.y < y1 || cell.y > y2 || used === SHOWN) continue;
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
    while (this.#loading.size < LOADING) {
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
    image.src = pictureUrl(this.#template, brick);
    try {
      await image.decode();
      this.#textures.set(brick, Texture.from(image));
      this.#loads += 1;
      if (this.#textures.size > KEPT) this.#dropOldest();
    } catch {
      // There is no such picture, or it is none: the pattern stays.
      if (this.#failed.size >= FAILED) this.#failed.clear();
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
