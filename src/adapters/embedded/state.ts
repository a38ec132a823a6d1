import { decodeCommit, type Commit } from '../../domain/commit.ts';
import type { Compositor } from '../../domain/compositor.ts';
import type { MemoryGuard } from '../../domain/memory-guard.ts';
import { formatDigest } from '../../domain/digest.ts';
import { LiveManifest } from '../../domain/live-manifest.ts';
import type { Patch } from '../../domain/patch.ts';
import type { Region } from '../../domain/region.ts';
import { finish } from '../../domain/steps.ts';
import { contradictionIn, type LoadedState } from '../../domain/store.ts';
import { decodeTile, withRevision } from '../../domain/stored-tile.ts';
import type { Tile } from '../../domain/tile.ts';
import { headOfImage, tilesOfImage } from '../../domain/tile-image.ts';
import { headOf, type Tables } from './tables.ts';
import { readWithdrawn } from './withdrawn.ts';

interface ReadOptions {
  /** Makes an error of the reason why the tables hold no valid state. */
  readonly damaged: (what: string, cause?: unknown) => Error;
  readonly memory: MemoryGuard;
  /** The image of the tiles that lies beside the tables, whatever it is worth. */
  readonly image: Buffer | undefined;
}

/** Everything in the tables as of one snapshot. Throws what `damaged` makes, and what `memory` throws. */
export function readState(tables: Tables, { damaged, memory, image }: ReadOptions): LoadedState {
  let state: LoadedState;
  try {
    const log = Array.from(tables.log.getRange(), ({ value }) => {
      memory.grow(2 * value.length);
      return decodeCommit(value);
    });
    const manifest = (image && fromImage(image, tables, log, memory)) ?? readManifest(tables, memory);
    state = { head: headOf(tables), manifest, log };
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged('an entry is not JSON', error);
    // Of a decoder that was given what nobody wrote.
    if (error instanceof RangeError || error instanceof TypeError)
      throw damaged('an entry cannot be read', error);
    throw error;
  }
  const contradiction = contradictionIn(state);
  if (contradiction !== undefined) throw damaged(contradiction);
  return state;
}

/** The manifest of an image and the commits after it; undefined when they do not lead to what the log says. */
function fromImage(
  image: Buffer,
  tables: Tables,
  log: readonly Commit[],
  memory: MemoryGuard,
): LiveManifest | undefined {
  const head = headOfImage(image);
  const last = log.at(-1);
  const next = last?.cursor === head ? log.length : log.findIndex(({ prev }) => prev === head);
  if (!last || next < 0) return undefined;
  const manifest = new LiveManifest();
  try {
    manifest.add({ tiles: tilesOfImage(image) }, memory);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  manifest.add({ compositors: compositorsIn(tables, memory), regions: regionsIn(tables) }, memory);
  for (const commit of log.slice(next)) manifest.commit(commit);
  finish(manifest.sweep());
  return formatDigest(manifest.digest) === last.digest ? manifest : undefined;
}

function readManifest(tables: Tables, memory: MemoryGuard): LiveManifest {
  const manifest = new LiveManifest();
  const compositors = compositorsIn(tables, memory);
  manifest.add({ compositors, tiles: tilesIn(tables), regions: regionsIn(tables) }, memory);
  return manifest;
}

function* compositorsIn(tables: Tables, memory: MemoryGuard): Generator<[string, Compositor]> {
  for (const { key, value } of tables.compositors.getRange()) {
    memory.grow(2 * value.length);
    yield [key, JSON.parse(value) as Compositor];
  }
}

function* regionsIn(tables: Tables): Generator<[string, Region]> {
  for (const { key, value } of tables.regions.getRange()) yield [key, JSON.parse(value) as Region];
}

function* tilesIn(tables: Tables): Generator<[string, Tile]> {
  const withdrawn = readWithdrawn(tables);
  for (const { key, value } of tables.tiles.getRange()) {
    const tile = decodeTile(value, withdrawn);
    if (tile) yield [key, tile];
  }
}

type Table = 'compositors' | 'tiles' | 'regions';

/** The entries of a patch with their values as text, null where one is removed. */
export type EncodedPatch = readonly (readonly [table: Table, key: string, text: string | null])[];

/** Encodes before the transaction, so that nothing can throw between its first write and its last. */
export function encodePatch(patch: Patch): EncodedPatch {
  const entries: [table: Table, key: string, text: string | null][] = [];
  for (const table of ['compositors', 'tiles', 'regions'] as const)
    for (const [key, value] of patch[table])
      entries.push([table, key, value === null ? null : JSON.stringify(value)]);
  return entries;
}

/** With `revision`, tiles get it ({@link withRevision}). */
export function writePatch(tables: Tables, patch: EncodedPatch, revision?: number): void {
  for (const [table, key, text] of patch)
    if (text === null) tables[table].removeSync(key);
    else if (table === 'tiles' && revision !== undefined)
      tables.tiles.putSync(key, withRevision(text, revision));
    else tables[table].putSync(key, text);
}
