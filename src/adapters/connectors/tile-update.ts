import { MAX_AHEAD, type TileWrite } from '../../domain/publishing.ts';
import { isBrick, isInt32, secondsOf } from '../../domain/tile.ts';

/**
 * The tile in a `tile_update` message; undefined when the message is invalid.
 *
 * @param now Unix seconds.
 */
export function readTileUpdate(
  message: Readonly<Record<string, unknown>>,
  now: number,
): { key: string; write: TileWrite | null } | undefined {
  const { x, y, brick, timestamp } = message;
  if (!isCoordinate(x) || !isCoordinate(y)) return undefined;
  const key = `${x},${y}`;
  if (brick === null) return { key, write: null };
  if (!isBrick(brick)) return undefined;
  if (timestamp === undefined || timestamp === null) return { key, write: { brick } };
  if (!isTimestamp(timestamp)) return undefined;
  const seconds = secondsOf(timestamp);
  // The store would refuse the whole batch that this tile is in.
  return seconds > now + MAX_AHEAD ? undefined : { key, write: { brick, timestamp: seconds } };
}

function isTimestamp(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function isCoordinate(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && isInt32(value);
}
