import type { Tile } from '../src/client/client.ts';
import type { Owner } from './palette.ts';

/** The last change of a cell; tile-shader.ts uses the same numbers. */
export const UNCHANGED = 0;
export const APPEARED = 1;
export const CHANGED = 2;
export const REMOVED = 3;

/** How long a change glows, in seconds. */
export const GLOW_SECONDS = 1.8;

/** A tile as the page draws it. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly tile: Tile;
  readonly owner: Owner;
  /** 20 bits that choose its pattern. */
  readonly pattern: number;
  readonly shade: number;
  readonly change: number;
  /** Seconds of the page's clock. */
  readonly changedAt: number;
  /** The revision at which the page learned of the tile. */
  readonly revision: number;
}
