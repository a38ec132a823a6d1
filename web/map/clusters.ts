import { NEIGHBOURS } from './chunk.ts';
import { EMPTY, widen, type Extent } from './extent.ts';
import type { Owner } from '../colours/palette.ts';
import type { Rectangle } from './rectangle.ts';
import type { Scene } from './scene.ts';

/** The largest connected group of a compositor's tiles. */
export interface Cluster extends Extent {
  readonly owner: Owner;
}

/** Finds the largest cluster of each compositor, with the precision of a chunk. */
export class Clusters {
  readonly #scene: Scene;
  #version = -1;
  #clusters: Cluster[] = [];
  #bounds: Rectangle | undefined;
  #counts: ReadonlyMap<string, number> = new Map();

  constructor(options: { scene: Scene }) {
    this.#scene = options.scene;
  }

  /** Recomputes the clusters if the scene has changed; returns whether it had. */
  update(): boolean {
    if (this.#version === this.#scene.version) return false;
    this.#version = this.#scene.version;
    const bounds = { ...EMPTY };
    const byOwner = new Map<Owner, Map<number, Extent>>();
    for (const [key, extents] of this.#scene.extents())
      for (const [owner, extent] of extents) {
        widen(bounds, extent);
        let chunks = byOwner.get(owner);
        if (!chunks) byOwner.set(owner, (chunks = new Map<number, Extent>()));
        chunks.set(key, extent);
      }
    this.#bounds = byOwner.size > 0 ? bounds : undefined;
    this.#counts = new Map(Array.from(byOwner, ([owner, chunks]) => [owner.id, countOf(chunks)]));
    this.#clusters = [...byOwner]
      .map(([owner, chunks]) => ({ owner, ...largest(chunks) }))
      .sort((a, b) => b.count - a.count);
    return true;
  }

  /** The rectangle around all tiles that the page knows, in an overview with whole areas. */
  get bounds(): Rectangle | undefined {
    return this.#bounds;
  }

  /** The tiles of each compositor, by id. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** The tiles of all compositors by chunk, or by area where areas are larger. */
  blocks(): ReadonlyMap<number, Extent> {
    const blocks = new Map<number, Extent>();
    for (const [key, extents] of this.#scene.extents()) {
      const block = { count: 0, ...EMPTY };
      for (const extent of extents.values()) {
        widen(block, extent);
        block.count += extent.count;
      }
      blocks.set(key, block);
    }
    return blocks;
  }

  largestFirst(): readonly Cluster[] {
    return this.#clusters;
  }

  of(id: string): Cluster | undefined {
    return this.#clusters.find(({ owner }) => owner.id === id);
  }
}

function countOf(chunks: ReadonlyMap<number, Extent>): number {
  let count = 0;
  for (const extent of chunks.values()) count += extent.count;
  return count;
}

/** Joins neighbouring chunks, from the fullest one outwards. Removes the joined ones from `chunks`. */
function largest(chunks: Map<number, Extent>): Extent {
  let start = NaN;
  let fullest: Extent = { count: 0, ...EMPTY };
  for (const [key, extent] of chunks) if (extent.count > fullest.count) [start, fullest] = [key, extent];
  const joined = { ...fullest };
  const found = [start];
  chunks.delete(start);
  for (const key of found)
    for (const step of NEIGHBOURS) {
      const extent = chunks.get(key + step);
      if (!extent) continue;
      chunks.delete(key + step);
      found.push(key + step);
      widen(joined, extent);
      joined.count += extent.count;
    }
  return joined;
}
