import { cellOf, type Cell, type Tile } from './tile.ts';

/** A tile whose brick's name has the text. */
export interface BrickHit {
  /** Its cell, `"x,y"`. */
  readonly key: string;
  readonly tile: Tile;
}

interface Ranked extends BrickHit {
  /** 0 when the name begins with the text, else 1. */
  readonly rank: number;
  /** Squared, in cells. */
  readonly distance: number;
}

/** Names that are remembered: a map of a million tiles shows some hundred bricks, but it need not. */
const MOST_NAMES = 10_000;
/** Hits beyond the limit that are kept until they are sorted out together. */
const SPARE = 1000;

/**
 * Finds bricks by a part of their name, in whatever case: first those whose names begin with it, and of each kind the nearest
 * first. It is given the tiles a few at a time, and keeps no more than it will return.
 */
export class BrickSearch {
  readonly #text: string;
  readonly #near: Cell;
  readonly #limit: number;
  /** How the names seen so far rank; -1 for one that does not match. */
  readonly #ranks = new Map<string, number>();
  #best: Ranked[] = [];
  /** The last of the best, once there are enough. */
  #last: Ranked | undefined;
  #total = 0;

  constructor(options: { text: string; near: Cell; limit: number }) {
    this.#text = options.text.toLowerCase();
    this.#near = options.near;
    this.#limit = options.limit;
  }

  /** How many of the tiles match. */
  get total(): number {
    return this.#total;
  }

  look(tiles: Iterable<readonly [string, Tile]>): void {
    for (const [key, tile] of tiles) {
      const rank = this.#rankOf(tile.brick);
      if (rank < 0) continue;
      this.#total += 1;
      const { x, y } = cellOf(key);
      const distance = (x - this.#near.x) ** 2 + (y - this.#near.y) ** 2;
      const hit = { key, tile, rank, distance };
      if (this.#last && inOrder(hit, this.#last) >= 0) continue;
      this.#best.push(hit);
      if (this.#best.length > this.#limit + SPARE) this.#cut();
    }
  }

  /** The best, at most as many as the limit. */
  hits(): readonly BrickHit[] {
    this.#cut();
    return this.#best;
  }

  #cut(): void {
    this.#best.sort(inOrder);
    this.#best = this.#best.slice(0, this.#limit);
    if (this.#best.length === this.#limit) this.#last = this.#best.at(-1);
  }

  #rankOf(name: string): number {
    const known = this.#ranks.get(name);
    if (known !== undefined) return known;
    const at = name.toLowerCase().indexOf(this.#text);
    const rank = Math.sign(at);
    if (this.#ranks.size < MOST_NAMES) this.#ranks.set(name, rank);
    return rank;
  }
}

/** Of equal ones the lesser key comes first, so that an answer does not depend on where the tiles were kept. */
function inOrder(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || a.distance - b.distance || (a.key < b.key ? -1 : 1);
}
