import { NEIGHBOURS, type Holding } from './chunk.ts';
import type { Owner } from './palette.ts';
import type { Rectangle } from './rectangle.ts';
import type { Scene } from './scene.ts';

/** Where most of a compositor's tiles lie. */
export interface District extends Holding {
  readonly owner: Owner;
}

/** The largest connected part of each compositor's tiles, to within a chunk. */
export class Districts {
  readonly #scene: Scene;
  #version = -1;
  #districts: District[] = [];
  #bounds: Rectangle | undefined;

  constructor(options: { scene: Scene }) {
    this.#scene = options.scene;
  }

  /** Looks at the scene again if it has changed; true if so. */
  update(): boolean {
    if (this.#version === this.#scene.version) return false;
    this.#version = this.#scene.version;
    const bounds = { ...NOWHERE };
    const byOwner = new Map<Owner, Map<number, Holding>>();
    for (const chunk of this.#scene.allChunks())
      for (const [owner, holding] of chunk.holdings()) {
        widen(bounds, holding);
        let chunks = byOwner.get(owner);
        if (!chunks) byOwner.set(owner, (chunks = new Map<number, Holding>()));
        chunks.set(chunk.key, holding);
      }
    this.#bounds = byOwner.size > 0 ? bounds : undefined;
    this.#districts = [...byOwner]
      .map(([owner, chunks]) => ({ owner, ...largest(chunks) }))
      .sort((a, b) => b.count - a.count);
    return true;
  }

  /** Around all tiles that the page knows. */
  get bounds(): Rectangle | undefined {
    return this.#bounds;
  }

  largestFirst(): readonly District[] {
    return this.#districts;
  }

  of(id: string): District | undefined {
    return this.#districts.find(({ owner }) => owner.id === id);
  }
}

/** From the fullest chunk outwards, as far as neighbours hold tiles, too. Takes out of `chunks` what it joins. */
function largest(chunks: Map<number, Holding>): Holding {
  let start = NaN;
  let fullest: Holding = { count: 0, ...NOWHERE };
  for (const [key, holding] of chunks) if (holding.count > fullest.count) [start, fullest] = [key, holding];
  const joined = { ...fullest };
  const found = [start];
  chunks.delete(start);
  for (const key of found)
    for (const step of NEIGHBOURS) {
      const holding = chunks.get(key + step);
      if (!holding) continue;
      chunks.delete(key + step);
      found.push(key + step);
      widen(joined, holding);
      joined.count += holding.count;
    }
  return joined;
}

const NOWHERE = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** In place: with a hundred thousand chunks a new object for each is most of the work. */
function widen(area: Mutable<Rectangle>, { x1, y1, x2, y2 }: Rectangle): void {
  if (x1 < area.x1) area.x1 = x1;
  if (y1 < area.y1) area.y1 = y1;
  if (x2 > area.x2) area.x2 = x2;
  if (y2 > area.y2) area.y2 = y2;
}
