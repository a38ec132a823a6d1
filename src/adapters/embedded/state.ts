import type { Compositor } from '../../domain/compositor.ts';
import { emptyManifest, type Manifest, type Patch } from '../../domain/patch.ts';
import { contradictionIn, type StoreState } from '../../domain/store.ts';
import type { Tile } from '../../domain/tile.ts';
import { readLog } from './commit-log.ts';
import { headOf, type Tables } from './tables.ts';

/** Everything in the tables as of one snapshot. Throws what `damaged` makes of the reason when it is no valid state. */
export function readState(tables: Tables, damaged: (what: string) => Error): StoreState {
  let state: StoreState;
  try {
    state = { head: headOf(tables), manifest: readManifest(tables), log: readLog(tables) };
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged('an entry is not JSON');
    throw error;
  }
  const contradiction = contradictionIn(state);
  if (contradiction !== undefined) throw damaged(contradiction);
  return state;
}

function readManifest(tables: Tables): Manifest {
  const manifest = emptyManifest();
  for (const { key, value } of tables.compositors.getRange())
    manifest.compositors.set(key, JSON.parse(value) as Compositor);
  for (const { key, value } of tables.tiles.getRange()) manifest.tiles.set(key, JSON.parse(value) as Tile);
  return manifest;
}

/** A patch whose entries are text already. */
export interface EncodedPatch {
  readonly tiles: readonly (readonly [string, string | null])[];
  readonly compositors: readonly (readonly [string, string | null])[];
}

/** Encodes before the transaction, so that nothing can throw between its first write and its last. */
export function encodePatch(patch: Patch): EncodedPatch {
  return { tiles: encodeEntries(patch.tiles), compositors: encodeEntries(patch.compositors) };
}

export function writePatch(tables: Tables, patch: EncodedPatch): void {
  writeEntries(tables.tiles, patch.tiles);
  writeEntries(tables.compositors, patch.compositors);
}

function encodeEntries<T>(entries: ReadonlyMap<string, T | null>): [string, string | null][] {
  return [...entries].map(([key, value]) => [key, value === null ? null : JSON.stringify(value)]);
}

function writeEntries(table: Tables['tiles'], entries: EncodedPatch['tiles']): void {
  for (const [key, text] of entries) {
    if (text === null) table.removeSync(key);
    else table.putSync(key, text);
  }
}
