import { isPrintable } from './printable.ts';

/** A grid cell's brick and who wrote it last. */
export interface Tile {
  /** The image's name, 1 to 255 printable characters. */
  readonly brick: string;
  /** Unix seconds. Who writes one may give milliseconds: see {@link secondsOf}. */
  readonly timestamp: number;
  /** The id of its owner. */
  readonly compositor: string;
}

/** A cell: two int32s. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

const KEY = /^(0|-?[1-9][0-9]{0,9}),(0|-?[1-9][0-9]{0,9})$/;

/** The pattern of a tile key, as the API documents it; the int32 range is checked by {@link parseTileKey}. */
export const TILE_KEY_PATTERN = KEY.source;

export const INT32_MIN = -(2 ** 31);
export const INT32_MAX = 2 ** 31 - 1;

/** The cell that `key` names, or undefined when it is not two canonical int32s (`-0`, `+1`, `01` are not). */
export function parseTileKey(key: string): Cell | undefined {
  if (key.length > 23 || !KEY.test(key)) return undefined;
  const cell = cellOf(key);
  return isInt32(cell.x) && isInt32(cell.y) ? cell : undefined;
}

/** The cell of a key that is known to be one. */
export function cellOf(key: string): Cell {
  const comma = key.indexOf(',');
  return { x: Number(key.slice(0, comma)), y: Number(key.slice(comma + 1)) };
}

export function isInt32(n: number): boolean {
  return n >= INT32_MIN && n <= INT32_MAX;
}

export function sameTile(a: Tile | null | undefined, b: Tile | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return a.brick === b.brick && a.timestamp === b.timestamp && a.compositor === b.compositor;
}

/** The year 5138 in seconds, or 1973 in milliseconds: a larger timestamp is in milliseconds. */
const MILLISECONDS = 1e11;

/** Whether a timestamp is in milliseconds, as that of `Date.now()`. */
export function isInMilliseconds(timestamp: unknown): boolean {
  return typeof timestamp === 'number' && timestamp >= MILLISECONDS;
}

/**
 * The seconds of a timestamp as somebody wrote it: from 1e11 on it is in milliseconds. One rule for every way in: API, links, connections,
 * the shared file, import.
 */
export function secondsOf(timestamp: number): number {
  return isInMilliseconds(timestamp) ? timestamp / 1000 : timestamp;
}

/** Characters. */
export const MAX_BRICK = 255;
const BRICK_OF_OLD = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,255}$/u;

/** Whether `value` can name a brick that somebody writes. The schema of the API says the same. */
export function isBrick(value: unknown): value is string {
  return isPrintable(value, MAX_BRICK);
}

/** Whether `value` may name a brick that is there: earlier versions took blank names, and ones that turn the direction of writing. */
export function isBrickOfOld(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 2 * MAX_BRICK && BRICK_OF_OLD.test(value);
}
