import type { Tile } from '../../src/client/client.ts';
import type { Owner } from '../colours/palette.ts';

/** The last change of a cell; tile-shader.ts uses the same numbers. */
export const UNCHANGED = 0;
export const APPEARED = 1;
export const CHANGED = 2;
export const REMOVED = 3;

/** How long a change glows, in seconds. */
export const GLOW_SECONDS = 1.8;

/** Where something changes. */
export interface Spot {
  /** In cells. */
  readonly x: number;
  readonly y: number;
  readonly owner: Owner;
  readonly change: number;
  /** Seconds of the page's clock. */
  readonly changedAt: number;
}

/** A tile as the page draws it. */
export interface Cell extends Spot {
  readonly tile: Tile;
  /** 20 bits that choose its pattern. */
  readonly pattern: number;
  readonly shade: number;
  /** The revision at which the page learned of the tile. */
  readonly revision: number;
}

/** How a tile or an area came to change. */
export interface CellUpdate {
  /** Seconds of the page's clock. */
  readonly now: number;
  readonly revision: number;
  /** False when the tile existed before and only came into view. */
  readonly visible: boolean;
}
