import type { Area, Tile } from '../../src/client/client.ts';

/** Who has how many of some tiles. */
export interface Shares {
  readonly tiles: number;
  /** Those who own most first. */
  readonly owners: readonly (readonly [id: string, tiles: number])[];
  /** The tiles whose owners are not named. */
  readonly others: number;
  /** The newest of their timestamps, Unix seconds; undefined without tiles. */
  readonly newest: number | undefined;
}

/** What these areas have together. Each names only its largest owners. */
export function sharesOfAreas(areas: Iterable<Area>): Shares {
  const owners = new Map<string, number>();
  let [tiles, newest] = [0, -Infinity];
  for (const area of areas) {
    tiles += area.tiles;
    newest = Math.max(newest, area.timestamp);
    for (const [id, count] of area.owners) owners.set(id, (owners.get(id) ?? 0) + count);
  }
  return shares(owners, tiles, newest);
}

export function sharesOfTiles(tiles: Iterable<Tile>): Shares {
  const owners = new Map<string, number>();
  let [count, newest] = [0, -Infinity];
  for (const { compositor, timestamp } of tiles) {
    count += 1;
    newest = Math.max(newest, timestamp);
    owners.set(compositor, (owners.get(compositor) ?? 0) + 1);
  }
  return shares(owners, count, newest);
}

function shares(owners: ReadonlyMap<string, number>, tiles: number, newest: number): Shares {
  const sorted = [...owners].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const named = sorted.reduce((sum, [, count]) => sum + count, 0);
  return { tiles, owners: sorted, others: tiles - named, newest: tiles > 0 ? newest : undefined };
}

/** A part of a whole in whole percent: never 0 for something, nor 100 for less than all. */
export function percentOf(part: number, whole: number): string {
  if (part === whole) return '100 %';
  const percent = (100 * part) / whole;
  if (percent < 1) return '< 1 %';
  return `${Math.min(99, Math.round(percent))} %`;
}
