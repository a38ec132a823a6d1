import { MAX_AHEAD, type TileWrite } from '../../domain/publishing.ts';
import { isInt32 } from '../../domain/tile.ts';

/** The year 5138 in seconds, or 1973 in milliseconds: a larger timestamp is in milliseconds. */
const MILLISECONDS = 1e11;
/** The same rule as for requests over HTTP (routes/schemas/tile.ts). */
const BRICK = /^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u;
const MAX_BRICK = 255;

/**
 * The tile in a `tile_update` message; undefined when the message is invalid.
 *
 * @param now Unix seconds.
 */
export function readTileUpdate(
  message: Readonly<Record<string, unknown>>,
  now: number,
): { key: string; write: TileWrite | null } | undefined {
  const { x, y, brick } = message;
  if (!isCoordinate(x) || !isCoordinate(y)) return undefined;
  const key = `${x},${y}`;
  if (brick === null) return { key, write: null };
  if (!isBrick(brick)) return undefined;
  if (message['timestamp'] === undefined || message['timestamp'] === null) return { key, write: { brick } };
  const timestamp = inSeconds(message['timestamp']);
  // The store would refuse the whole batch that this tile is in.
  if (timestamp === undefined || timestamp > now + MAX_AHEAD) return undefined;
  return { key, write: { brick, timestamp } };
}

/** Some compositors send `Date.now()`. */
export function isInMilliseconds(timestamp: unknown): boolean {
  return typeof timestamp === 'number' && timestamp >= MILLISECONDS;
}

function inSeconds(timestamp: unknown): number | undefined {
  if (typeof timestamp !== 'number' || !(timestamp >= 0) || timestamp > Number.MAX_SAFE_INTEGER)
    return undefined;
  return isInMilliseconds(timestamp) ? timestamp / 1000 : timestamp;
}

function isCoordinate(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && isInt32(value);
}

function isBrick(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 2 * MAX_BRICK || !BRICK.test(value)) return false;
  return value.length <= MAX_BRICK || Array.from(value).length <= MAX_BRICK;
}
