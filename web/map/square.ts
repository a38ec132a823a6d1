import type { Owner } from '../colours/palette.ts';

/** How many tiles of a square an owner has. */
export interface Share {
  readonly owner: Owner;
  count: number;
}

/** Several cells drawn as one square when the map is zoomed out. */
export interface Square {
  /** The corner, in cells. */
  readonly x: number;
  readonly y: number;
  count: number;
  /** Those who own most of them, most first; the others have the rest of `count`. */
  shares: readonly Share[];
  /** When a tile last changed, in seconds of the page's clock. */
  changedAt: number;
}

/** The most owners that are drawn in a square. */
export const MAX_SHARES = 4;
/** Owners that are counted while squares are joined. Of more, the later ones count as others. */
const MAX_COUNTED = 12;

/** The squares of 2^level x 2^level cells that hold `parts`, which are no larger. */
export function joined(parts: Iterable<Square>, level: number): Square[] {
  const side = 2 ** level;
  const squares = new Map<string, Square & { shares: Share[] }>();
  for (const part of parts) {
    const [x, y] = [Math.floor(part.x / side), Math.floor(part.y / side)];
    const key = `${x},${y}`;
    let square = squares.get(key);
    if (!square) {
      square = { x: x * side, y: y * side, count: 0, shares: [], changedAt: 0 };
      squares.set(key, square);
    }
    add(square, part);
  }
  for (const square of squares.values())
    if (square.shares.length > 1)
      square.shares = square.shares.sort((a, b) => b.count - a.count).slice(0, MAX_SHARES);
  return [...squares.values()];
}

function add(square: Square & { shares: Share[] }, part: Square): void {
  square.count += part.count;
  if (part.changedAt > square.changedAt) square.changedAt = part.changedAt;
  for (const { owner, count } of part.shares) {
    const known = square.shares.find((share) => share.owner === owner);
    if (known) known.count += count;
    else if (square.shares.length < MAX_COUNTED) square.shares.push({ owner, count });
  }
}

/** The least part of a square's width that an owner gets: less could not be seen. */
const LEAST_WIDTH = 0.12;

/** A part of a square from top to bottom; without an owner it stands for all others. */
export interface Stripe {
  readonly owner: Owner | undefined;
  /** Of the square's width. */
  readonly width: number;
}

/** What a square is drawn of: a stripe for each share, in the same order in all squares, and last one for the others, if there are any. */
export function stripesOf({ count, shares }: Square): Stripe[] {
  const stripes = shares.map(({ owner, count: own }) => stripe(owner, own / count));
  if (stripes.length > 1) stripes.sort((a, b) => a.owner!.slot - b.owner!.slot);
  const others = count - shares.reduce((sum, share) => sum + share.count, 0);
  if (others > 0) stripes.push(stripe(undefined, others / count));
  const all = stripes.reduce((sum, { width }) => sum + width, 0);
  return stripes.map(({ owner, width }) => ({ owner, width: width / all }));
}

function stripe(owner: Owner | undefined, share: number): Stripe {
  return { owner, width: Math.max(LEAST_WIDTH, share) };
}

/** How full a square is, from 0 to 1: each doubling by the same step. `most`: how many tiles the fullest square has. */
export function densityOf(count: number, most: number): number {
  return Math.min(1, Math.log1p(count) / Math.log1p(Math.max(count, most)));
}
