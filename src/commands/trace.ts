import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isCompositorId } from '../domain/compositor.ts';
import { isObject, parseJson } from '../domain/json.ts';
import { parseTileKey } from '../domain/tile.ts';
import { unreadable } from '../config/read-file.ts';
import { CommandError } from './command.ts';

export interface TraceTile {
  readonly brick: string;
  /** Unix seconds. */
  readonly timestamp?: number;
}

/** One line of a trace: tiles that one compositor published together. */
export interface TraceLine {
  /** Counts from 1. */
  readonly number: number;
  /** Unix seconds. */
  readonly at: number;
  readonly compositor: string;
  /** By key; null removes. */
  readonly tiles: readonly (readonly [string, TraceTile | null])[];
}

/** Reads a JSONL file, plain or `.gz`, oldest line first; skips blank lines. Throws a {@link CommandError} when it cannot. */
export async function* readTrace(path: string): AsyncGenerator<TraceLine, void, undefined> {
  const file = createReadStream(path);
  // Not `pipe`: the reader would wait for ever when the file cannot be opened.
  const input = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => undefined) : file;
  let number = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      number++;
      if (text.trim() !== '') yield traceLine(text, number, path);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(unreadable(path, error), { cause: error });
  } finally {
    file.destroy();
  }
}

function traceLine(text: string, number: number, path: string): TraceLine {
  const fail = (what: string): never => {
    throw new CommandError(`${path}:${number}: ${what}`);
  };
  const json = parseJson(text);
  if (json === undefined) return fail('is no JSON');
  if (!isObject(json)) return fail('must be an object');
  const { at, compositor, tiles } = json;
  if (typeof at !== 'number') return fail('"at" must be a number of seconds');
  if (typeof compositor !== 'string' || !isCompositorId(compositor))
    return fail('"compositor" must be an id');
  if (!isObject(tiles)) return fail('"tiles" must be an object');
  for (const [key, tile] of Object.entries(tiles)) {
    if (!parseTileKey(key)) fail(`${JSON.stringify(key.slice(0, 60))} is no tile key`);
    if (tile !== null && !isTile(tile)) fail(`the tile at ${key} must be null or {"brick", "timestamp"}`);
  }
  return { number, at, compositor, tiles: Object.entries(tiles) as TraceLine['tiles'] };
}

function isTile(value: unknown): value is TraceTile {
  if (!isObject(value)) return false;
  const { brick, timestamp, ...rest } = value;
  const valid = timestamp === undefined || typeof timestamp === 'number';
  return valid && typeof brick === 'string' && brick !== '' && Object.keys(rest).length === 0;
}
