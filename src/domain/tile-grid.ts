import { cellOf } from './tile.ts';
import { rectHas, type Rect } from './view.ts';

/** Cells of the plane are kept in blocks of this many by this many, so that a view costs what it shows. */
const BLOCK = 32;

/** Blocks that are at most so many blocks from a place, left or right and up or down, are near it. */
const NEAR = 24;

/** The name of the block in which a cell lies. */
export function blockOf(key: string): string {
  const { x, y } = cellOf(key);
  return `${Math.floor(x / BLOCK)},${Math.floor(y / BLOCK)}`;
}

export interface Block {
  readonly name: string;
  readonly bx: number;
  readonly by: number;
  readonly keys: Set<string>;
}

/** Finds the tiles in a rectangle without looking at all of them. */
export class TileGrid {
  readonly #blocks = new Map<string, Block>();
  /** Where the last tile was added or deleted: most often the next one is there, too, and its block need not be named. */
  #last: Block | undefined;

  constructor(keys: Iterable<string> = []) {
    for (const key of keys) this.add(key);
  }

  add(key: string): void {
    const { x, y } = cellOf(key);
    const bx = Math.floor(x / BLOCK);
    const by = Math.floor(y / BLOCK);
    let block = this.#blockAt(bx, by);
    if (!block) {
      block = { name: `${bx},${by}`, bx, by, keys: new Set() };
      this.#blocks.set(block.name, block);
      this.#last = block;
    }
    block.keys.add(key);
  }

  delete(key: string): void {
    const { x, y } = cellOf(key);
    const block = this.#blockAt(Math.floor(x / BLOCK), Math.floor(y / BLOCK));
    if (!block) return;
    block.keys.delete(key);
    if (block.keys.size > 0) return;
    this.#blocks.delete(block.name);
    this.#last = undefined;
  }

  clear(): void {
    this.#blocks.clear();
    this.#last = undefined;
  }

  #blockAt(bx: number, by: number): Block | undefined {
    if (this.#last?.bx !== bx || this.#last.by !== by) this.#last = this.#blocks.get(`${bx},${by}`);
    return this.#last;
  }

  /** The blocks that `rect` touches (all without one); the keys of each are those that it holds when it is iterated. */
  blocksIn(rect: Rect | undefined): readonly Block[] {
    return rect ? [...this.#blocksIn(rect)] : [...this.#blocks.values()];
  }

  /** Whether these blocks hold no more than `limit` keys together. */
  holdsAtMost(rect: Rect, limit: number): boolean {
    let left = limit;
    for (const { keys } of this.#blocksIn(rect)) if ((left -= keys.size) < 0) return false;
    return left >= 0;
  }

  /** The keys inside `rect` (all without one), block by block. */
  *within(rect?: Rect): Generator<string, void, undefined> {
    for (const block of this.#blocksIn(rect)) yield* keysIn(block, rect);
  }

  /**
   * The blocks that `rect` touches (all without one). First come those {@link NEAR} its centre (or 0,0), the nearest first, and
   * then the others in any order: to sort a million would hold up everybody. Each is live: the keys are those it holds when
   * it is iterated, so that a long snapshot may be read piece by piece.
   */
  *nearestFirst(rect?: Rect): Generator<Iterable<string>, void, undefined> {
    const cx = rect ? (rect.x1 + rect.x2) / 2 / BLOCK : 0;
    const cy = rect ? (rect.y1 + rect.y2) / 2 / BLOCK : 0;
    const isNear = ({ bx, by }: Block) => Math.abs(bx + 0.5 - cx) <= NEAR && Math.abs(by + 0.5 - cy) <= NEAR;
    const distance = (block: Block) => (block.bx + 0.5 - cx) ** 2 + (block.by + 0.5 - cy) ** 2;
    const live = (block: Block) => ({ [Symbol.iterator]: () => keysIn(block, rect) });
    const near = [...this.#blocksIn(around(cx, cy))].filter((block) => isNear(block) && touches(block, rect));
    yield* near.sort((a, b) => distance(a) - distance(b)).map(live);
    for (const block of this.#blocksIn(rect)) if (!isNear(block)) yield live(block);
  }

  *#blocksIn(rect: Rect | undefined): Generator<Block, void, undefined> {
    if (!rect) {
      yield* this.#blocks.values();
      return;
    }
    const x1 = Math.floor(rect.x1 / BLOCK);
    const y1 = Math.floor(rect.y1 / BLOCK);
    const x2 = Math.floor(rect.x2 / BLOCK);
    const y2 = Math.floor(rect.y2 / BLOCK);
    // A rectangle may be as large as the plane: walk whichever is fewer, its blocks or ours.
    if ((x2 - x1 + 1) * (y2 - y1 + 1) > this.#blocks.size) {
      for (const block of this.#blocks.values())
        if (block.bx >= x1 && block.bx <= x2 && block.by >= y1 && block.by <= y2) yield block;
      return;
    }
    for (let by = y1; by <= y2; by++) {
      for (let bx = x1; bx <= x2; bx++) {
        const block = this.#blocks.get(`${bx},${by}`);
        if (block) yield block;
      }
    }
  }
}

/** A rectangle with all blocks that are {@link NEAR} a place, which is in blocks. */
function around(cx: number, cy: number): Rect {
  const [x, y] = [cx * BLOCK, cy * BLOCK];
  const side = (NEAR + 1) * BLOCK;
  return { x1: x - side, y1: y - side, x2: x + side, y2: y + side };
}

function touches({ bx, by }: Block, rect: Rect | undefined): boolean {
  if (!rect) return true;
  const [x, y] = [bx * BLOCK, by * BLOCK];
  return x <= rect.x2 && x + BLOCK > rect.x1 && y <= rect.y2 && y + BLOCK > rect.y1;
}

function* keysIn({ bx, by, keys }: Block, rect?: Rect): Generator<string, void, undefined> {
  const first = { x: bx * BLOCK, y: by * BLOCK };
  const last = { x: first.x + BLOCK - 1, y: first.y + BLOCK - 1 };
  const inside = !rect || (rectHas(rect, first) && rectHas(rect, last));
  for (const key of keys) if (inside || rectHas(rect, cellOf(key))) yield key;
}
