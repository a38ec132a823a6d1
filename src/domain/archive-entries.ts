import { ArchiveError } from './archive.ts';
import { isCompositorId, type Compositor } from './compositor.ts';
import { isObject } from './json.ts';
import type { Lease } from './lease.ts';
import { isRegionId, type Region } from './region.ts';
import { parseTileKey, type Tile } from './tile.ts';
import { parseRect } from './view.ts';

/** The longest text that an entry may have where the API has a limit. */
const MOST_CHARACTERS = 512;

/** The compositors in a line of an archive. Whoever made it may have made it by hand: what the daemon relies on is checked. */
export function compositorEntries(value: unknown): (readonly [string, Compositor])[] {
  return pairs(value, 'compositor', (id, entry) => {
    const { ttl, generation } = entry;
    return (
      isCompositorId(id) &&
      entry['id'] === id &&
      isText(entry['name']) &&
      isText(entry['status']) &&
      isText(entry['registeredAt']) &&
      typeof entry['enabled'] === 'boolean' &&
      isObject(entry['labels']) &&
      Array.isArray(entry['capabilities']) &&
      (ttl === undefined ? generation === undefined : isTerm(ttl, generation))
    );
  });
}

export function regionEntries(value: unknown): (readonly [string, Region])[] {
  return pairs(value, 'region', (id, region) => {
    const { rect, compositor } = region;
    return (
      isRegionId(id) &&
      isText(rect) &&
      parseRect(rect) !== undefined &&
      isText(compositor) &&
      isCompositorId(compositor) &&
      typeof region['purpose'] === 'string' &&
      typeof region['exclusive'] === 'boolean' &&
      isTerm(region['ttl'], region['generation'])
    );
  });
}

export function tileEntries(value: unknown): (readonly [string, Tile])[] {
  return pairs(value, 'tile', (key, { brick, timestamp, compositor }) => {
    return (
      parseTileKey(key) !== undefined &&
      isText(brick) &&
      typeof timestamp === 'number' &&
      isText(compositor) &&
      isCompositorId(compositor)
    );
  });
}

export function leaseEntries(value: unknown): Lease[] {
  return listOf(value, 'lease').map((item) => {
    const [id, generation, deadline, ...rest] = Array.isArray(item) ? (item as unknown[]) : [];
    const isGood =
      isText(id) && isGeneration(generation) && typeof deadline === 'number' && rest.length === 0;
    if (!isGood || (!isCompositorId(id) && !isRegionId(id))) throw wrong('lease', item);
    return { id, generation, deadline };
  });
}

function pairs<T>(
  value: unknown,
  what: string,
  isGood: (name: string, entry: Readonly<Record<string, unknown>>) => boolean,
): (readonly [string, T])[] {
  const list = listOf(value, what);
  for (const item of list) {
    const [name, entry, ...rest] = Array.isArray(item) ? (item as unknown[]) : [];
    if (typeof name !== 'string' || !isObject(entry) || rest.length > 0 || !isGood(name, entry))
      throw wrong(what, item);
  }
  return list as (readonly [string, T])[];
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(what, value);
  return value as unknown[];
}

function wrong(what: string, item: unknown): ArchiveError {
  const text = JSON.stringify(item);
  return new ArchiveError(`holds what is no ${what}: ${text.length > 60 ? `${text.slice(0, 60)}...` : text}`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MOST_CHARACTERS;
}

/** Of a lease: it is named `id:generation`. */
function isGeneration(value: unknown): value is string {
  return isText(value) && !value.includes(':');
}

function isTerm(ttl: unknown, generation: unknown): boolean {
  return typeof ttl === 'number' && ttl > 0 && isGeneration(generation);
}
