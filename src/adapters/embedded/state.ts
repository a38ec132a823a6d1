import { decodeCommit, encodeCommit, type Commit } from '../../domain/commit.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { GENESIS, revisionOf } from '../../domain/cursor.ts';
import { digestOf, formatDigest } from '../../domain/digest.ts';
import { emptyManifest, type Manifest, type Patch } from '../../domain/patch.ts';
import type { StoreState } from '../../domain/store.ts';
import type { Tile } from '../../domain/tile.ts';
import { headOf, type Tables } from './tables.ts';

/** Everything in the tables as of one snapshot. Throws what `damaged` makes of the reason when it does not fit together. */
export function readState(tables: Tables, damaged: (what: string) => Error): StoreState {
  let state: StoreState;
  try {
    state = { head: headOf(tables), manifest: readManifest(tables), log: readLog(tables) };
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged('an entry is not JSON');
    throw error;
  }
  const fault = faultOf(state);
  if (fault !== undefined) throw damaged(fault);
  return state;
}

function readManifest(tables: Tables): Manifest {
  const manifest = emptyManifest();
  for (const { key, value } of tables.compositors.getRange())
    manifest.compositors.set(key, JSON.parse(value) as Compositor);
  for (const { key, value } of tables.tiles.getRange()) manifest.tiles.set(key, JSON.parse(value) as Tile);
  return manifest;
}

function readLog(tables: Tables): Commit[] {
  return Array.from(tables.log.getRange(), ({ value }) => decodeCommit(value));
}

/** Why the parts cannot have come from one history: better no start than a map that differs from every reader's. */
function faultOf({ head, manifest, log }: StoreState): string | undefined {
  const last = log.at(-1);
  if (!last) {
    if (head !== GENESIS) return `its head is ${head}, but its log is empty`;
    return manifest.tiles.size + manifest.compositors.size > 0 ? 'it holds a map, but no log' : undefined;
  }
  for (const [i, commit] of log.entries()) {
    const before = log[i - 1];
    if (before && commit.prev !== before.cursor)
      return `in its log ${commit.cursor} follows ${before.cursor}, not ${commit.prev}`;
  }
  if (last.cursor !== head) return `its head is ${head}, but its log ends at ${last.cursor}`;
  const digest = formatDigest(digestOf(manifest.tiles));
  return digest === last.digest
    ? undefined
    : `its tiles have the digest ${digest}, but ${head} left ${last.digest}`;
}

/** A patch whose entries are text already. */
export interface EncodedPatch {
  readonly tiles: readonly (readonly [string, string | null])[];
  readonly compositors: readonly (readonly [string, string | null])[];
}

/** As text, so that nothing can throw any more between the first write and the last. */
export function encodePatch(patch: Patch): EncodedPatch {
  return { tiles: encodeEntries(patch.tiles), compositors: encodeEntries(patch.compositors) };
}

export function encodeLog(commits: readonly Commit[]): [number, string][] {
  return commits.map((commit) => [revisionOf(commit.cursor), encodeCommit(commit)]);
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
