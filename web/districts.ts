import type { Chunk, Holding } from './chunk.ts';
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
    this.#bounds = undefined;
    const byOwner = new Map<Owner, Map<string, Holding>>();
    for (const chunk of this.#scene.allChunks())
      for (const [owner, holding] of chunk.holdings()) {
        this.#bounds = this.#bounds ? around(this.#bounds, holding) : holding;
        const chunks = byOwner.get(owner) ?? new Map<string, Holding>();
        byOwner.set(owner, chunks.set(nameOf(chunk), holding));
      }
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

/** From the fullest chunk outwards, as far as neighbours hold tiles, too. */
function largest(chunks: Map<string, Holding>): Holding {
  const [start] = [...chunks].reduce((best, each) => (each[1].count > best[1].count ? each : best));
  const seen = new Set([start]);
  let joined = chunks.get(start)!;
  for (const name of seen) {
    const [x, y] = name.split(',').map(Number) as [number, number];
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++) {
        const next = `${x + dx},${y + dy}`;
        const holding = chunks.get(next);
        if (!holding || seen.has(next)) continue;
        seen.add(next);
        joined = { ...around(joined, holding), count: joined.count + holding.count };
      }
  }
  return joined;
}

function around(a: Rectangle, b: Rectangle): Rectangle {
  return {
    x1: Math.min(a.x1, b.x1),
    y1: Math.min(a.y1, b.y1),
    x2: Math.max(a.x2, b.x2),
    y2: Math.max(a.y2, b.y2),
  };
}

function nameOf({ x, y }: Chunk): string {
  return `${x},${y}`;
}
