import type { Withdrawn } from '../../domain/batch-changes.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { decodeTile } from '../../domain/stored-tile.ts';
import type { Tables } from './tables.ts';

/** Tiles that one transaction looks at: the event loop stands still meanwhile, for about 2 ms. */
export const SWEEP_COUNT = 500;

/** The withdrawals whose tiles are not swept yet. */
export function readWithdrawn({ withdrawn }: Tables): Withdrawn {
  return new Map(Array.from(withdrawn.getRange(), ({ key, value }) => [key, value as Cursor]));
}

/** Notes the withdrawals of a batch; whether any are noted then, so that a tile needs a revision. */
export function noteWithdrawn(tables: Tables, withdrawn: Withdrawn): boolean {
  for (const [id, cursor] of withdrawn) tables.withdrawn.putSync(id, cursor);
  return tables.withdrawn.getKeysCount({ limit: 1 }) > 0;
}

/** Removes tiles of withdrawn compositors, of about `count` after the key `after`; returns where to go on, undefined at the end. */
export function sweepSome(tables: Tables, after: string | undefined, count: number): string | undefined {
  const withdrawn = readWithdrawn(tables);
  const range = { limit: count, ...(after !== undefined && { start: after, exclusiveStart: true }) };
  // Collected first: removing under an open LMDB cursor moves it.
  const entries = [...tables.tiles.getRange(range)];
  for (const { key, value } of entries)
    if (decodeTile(value, withdrawn) === undefined) tables.tiles.removeSync(key);
  return entries.length < count ? undefined : entries.at(-1)?.key;
}

/** Forgets withdrawals after a whole sweep. One that came meanwhile stays, though it be of the same compositor. */
export function forgetWithdrawn(tables: Tables, withdrawn: Withdrawn): void {
  for (const [id, cursor] of withdrawn)
    if (tables.withdrawn.get(id) === cursor) tables.withdrawn.removeSync(id);
}
