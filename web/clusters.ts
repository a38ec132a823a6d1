import { NEIGHBOURS, type OwnedArea } from './chunk.ts';
import type { Owner } from './palette.ts';
import type { Rectangle } from './rectangle.ts';
import type { Scene } from './scene.ts';

/** The largest connected group of a compositor's tiles. */
export interface Cluster extends OwnedArea {
  readonly owner: Owner;
}

/** Finds the largest cluster of each compositor, with the precision of a chunk. */
export class Clusters {
  readonly #scene: Scene;
  #version = -1;
  #clusters: Cluster[] = [];
  #bounds: Rectangle | undefined;

  constructor(options: { scene: Scene }) {
    this.#scene = options.scene;
  }

  /** Recomputes the clusters if the scene has changed; returns whether it had. */
  update(): boolean {
    if (this.#version === this.#scene.version) return false;
    this.#version = this.#scene.version;
    const bounds = { ...EMPTY };
    const byOwner = new Map<Owner, Map<number, OwnedArea>>();
    for (const chunk of this.#scene.allChunks())
      for (const [owner, owned] of chunk.ownedAreas()) {
        widen(bounds, owned);
        let chunks = byOwner.get(owner);
        if (!chunks) byOwner.set(owner, (chunks = new Map<number, OwnedArea>()));
        chunks.set(chunk.key, owned);
      }
    this.#bounds = byOwner.size > 0 ? bounds : undefined;
    this.#clusters = [...byOwner]
      .map(([owner, chunks]) => ({ owner, ...largest(chunks) }))
      .sort((a, b) => b.count - a.count);
    return true;
  }

  /** The rectangle around all tiles that the page knows. */
  get bounds(): Rectangle | undefined {
    return this.#bounds;
  }

  largestFirst(): readonly Cluster[] {
    return this.#clusters;
  }

  of(id: string): Cluster | undefined {
    return this.#clusters.find(({ owner }) => owner.id === id);
  }
}

/** Joins neighbouring chunks, from the fullest one outwards. Removes the joined ones from `chunks`. */
function largest(chunks: Map<number, OwnedArea>): OwnedArea {
  let start = NaN;
  let fullest: OwnedArea = { count: 0, ...EMPTY };
  for (const [key, owned] of chunks) if (owned.count > fullest.count) [start, fullest] = [key, owned];
  const joined = { ...fullest };
  const found = [start];
  chunks.delete(start);
  for (const key of found)
    for (const step of NEIGHBOURS) {
      const owned = chunks.get(key + step);
      if (!owned) continue;
      chunks.delete(key + step);
      found.push(key + step);
      widen(joined, owned);
      joined.count += owned.count;
    }
  return joined;
}

const EMPTY = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Works in place: with 100,000 chunks, new objects would take most of the time. */
function widen(area: Mutable<Rectangle>, { x1, y1, x2, y2 }: Rectangle): void {
  if (x1 < area.x1) area.x1 = x1;
  if (y1 < area.y1) area.y1 = y1;
  if (x2 > area.x2) area.x2 = x2;
  if (y2 > area.y2) area.y2 = y2;
}
