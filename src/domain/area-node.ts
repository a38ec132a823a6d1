import { AreaShares } from './area-shares.ts';
import type { AreaSums } from './area-sums.ts';
import { MAX_ZOOM } from './area.ts';
import type { Cell } from './tile.ts';

/** Tiles, four numbers each: x, y, owner, timestamp. */
export type Leaf = number[];
export const FIELDS = 4;

/** A quarter of a node is divided again when it has more tiles than this, and joined again when it has less than half. */
const MOST = 64;
/** The least level of a node, so that a quarter has at least 8 x 8 cells: more than {@link MOST} can be in none of them. */
const LEAST_LEVEL = 4;

/** Whether a quarter of a node at `level` has too many tiles for a leaf. */
export function isTooLarge(leaf: Leaf, level: number): boolean {
  return leaf.length > MOST * FIELDS && level > LEAST_LEVEL;
}

/** A square of 2^level x 2^level cells with many tiles, in four quarters. */
export class AreaNode {
  readonly level: number;
  readonly quarters: (AreaNode | Leaf | undefined)[] = [undefined, undefined, undefined, undefined];
  /** How many tiles lie in it, with those that are not to be seen any more. */
  size = 0;
  /** Undefined above the largest zoom. */
  readonly shares: AreaShares | undefined;

  constructor(level: number) {
    this.level = level;
    this.shares = level <= MAX_ZOOM ? new AreaShares() : undefined;
  }

  /** It is small enough to be a leaf. */
  get isSmall(): boolean {
    return this.size <= MOST / 2;
  }

  /** The quarter in which a cell lies: 1 for the right ones, 2 for the lower ones. */
  quarterOf(x: number, y: number): number {
    // With the sign bit turned, int32s are in the order of their bits.
    const bit = this.level - 1;
    const right = ((x ^ 0x80000000) >>> bit) & 1;
    const lower = ((y ^ 0x80000000) >>> bit) & 1;
    return right + 2 * lower;
  }

  /** The upper left cell of a quarter; `first` is that of this node. */
  cornerOf(quarter: number, first: Cell): Cell {
    const half = 2 ** (this.level - 1);
    return { x: first.x + (quarter & 1) * half, y: first.y + (quarter >> 1) * half };
  }

  /** Takes up changes, which are in the quarters already. */
  change({ added, removed, growth }: AreaSums): void {
    this.size += growth;
    this.shares?.addAll(added);
    this.shares?.removeAll(removed, (owner) => this.#newestOf(owner));
  }

  /** The newest timestamp of an owner in the quarters. */
  #newestOf(owner: number): number {
    let newest = -Infinity;
    for (const quarter of this.quarters) if (quarter) newest = Math.max(newest, newestIn(quarter, owner));
    return newest;
  }

  /** All tiles in it as one leaf. */
  collect(leaf: Leaf = []): Leaf {
    for (const quarter of this.quarters) {
      if (quarter instanceof AreaNode) quarter.collect(leaf);
      else if (quarter) leaf.push(...quarter);
    }
    return leaf;
  }
}

function newestIn(quarter: AreaNode | Leaf, owner: number): number {
  if (quarter instanceof AreaNode) return quarter.shares!.newestOf(owner);
  let newest = -Infinity;
  for (let at = 0; at < quarter.length; at += FIELDS)
    if (quarter[at + 2] === owner && quarter[at + 3]! > newest) newest = quarter[at + 3]!;
  return newest;
}

/** The tiles of a leaf whose owners `keeps` keeps. */
export function keptOf(leaf: Leaf, keeps: (owner: number) => boolean): Leaf {
  const kept: Leaf = [];
  for (let at = 0; at < leaf.length; at += FIELDS)
    if (keeps(leaf[at + 2]!)) kept.push(leaf[at]!, leaf[at + 1]!, leaf[at + 2]!, leaf[at + 3]!);
  return kept;
}
